"""Whether a figure that was read again and again stays flat.

The second half of the readings is looked at: in the first one, caches fill. Its readings are cut into
STRETCHES of equal length, of which the medians count, so that a spike counts for little; through these goes
the line whose slope is the median of the slopes between all pairs (Theil and Sen), so that a few odd
stretches don't turn it. What the line rises from one end of the half to the other is the growth.
"""

import itertools
import statistics

#: Of the second half.
STRETCHES = 60


def second_half(readings):
    """The later half of `readings`, pairs of a time and a value, by time."""
    middle = (readings[0][0] + readings[-1][0]) / 2
    return [reading for reading in readings if reading[0] >= middle]


def medians(readings):
    """The medians of stretches of `readings`, as pairs of a time and a value."""
    count = min(STRETCHES, len(readings))
    cuts = [len(readings) * index // count for index in range(count + 1)]
    stretches = [readings[begin:end] for begin, end in itertools.pairwise(cuts)]
    return [(statistics.median(time for time, _ in stretch),
             statistics.median(value for _, value in stretch)) for stretch in stretches]


def growth(readings):
    """What the line through `readings` rises from their first time to their last."""
    slopes = [(later - sooner) / (end - begin)
              for (begin, sooner), (end, later) in itertools.combinations(medians(readings), 2)
              if end > begin]
    return statistics.median(slopes) * (readings[-1][0] - readings[0][0]) if slopes else 0.0


class Rule:
    """What a figure may do in the second half of the time.

    It may grow by `growth_share` of its median there, and by `growth_least` in any case; and no reading
    may be above `peak_share` times the median and `peak_least` more.
    """

    def __init__(self, growth_share, growth_least, peak_share, peak_least):
        self.growth_share = growth_share
        self.growth_least = growth_least
        self.peak_share = peak_share
        self.peak_least = peak_least

    def judge(self, readings):
        """What `readings` come to."""
        half = second_half(readings)
        median = statistics.median(value for _, value in half)
        return Verdict(median=median, peak=max(value for _, value in half), growth=growth(half),
                       growth_max=max(self.growth_share * median, self.growth_least),
                       peak_max=self.peak_share * median + self.peak_least)


class Verdict:
    """The second half of a figure's readings, and what it might have been."""

    def __init__(self, median, peak, growth, growth_max, peak_max):
        self.median = median
        self.peak = peak
        self.growth = growth
        self.growth_max = growth_max
        self.peak_max = peak_max

    @property
    def flat(self):
        """Whether the figure kept to its rule."""
        return self.growth <= self.growth_max and self.peak <= self.peak_max
