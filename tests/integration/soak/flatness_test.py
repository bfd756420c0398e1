#!/usr/bin/env python3
"""The rule by which the soak decides: a leak is found under noise and spikes, and these are no leak."""

import os
import random
import unittest

from flatness import Rule, growth, second_half

SECONDS = 3600
MIB = 1024 * 1024
RULE = Rule(growth_share=0.02, growth_least=MIB, peak_share=1, peak_least=80 * MIB)


def readings(value_at):
    return [(second, value_at(second)) for second in range(SECONDS)]


class Flatness(unittest.TestCase):
    def setUp(self):
        seed = int(os.environ.get("FUOTA_TEST_SEED", random.SystemRandom().randrange(2 ** 32)))
        print(f"FUOTA_TEST_SEED={seed}")
        self.random = random.Random(seed)

    def memory(self, second, leak_bytes_per_s=0):
        """30 MiB that are warm after ten minutes, noise, and now and then a password's hash."""
        warm = min(1, 0.5 + second / 1200)
        spike = 64 * MIB if self.random.random() < 0.03 else 0
        noise = self.random.uniform(-1, 1) * MIB
        return 30 * MIB * warm + noise + spike + leak_bytes_per_s * second

    def test_noise_spikes_and_warming_up_are_flat(self):
        verdict = RULE.judge(readings(self.memory))
        self.assertTrue(verdict.flat, vars(verdict))

    def test_a_slow_leak_is_found(self):
        # 1.7 MiB in the half hour that counts.
        verdict = RULE.judge(readings(lambda second: self.memory(second, leak_bytes_per_s=1000)))
        self.assertFalse(verdict.flat, vars(verdict))
        self.assertLessEqual(verdict.peak, verdict.peak_max)

    def test_one_reading_that_is_too_high_is_found(self):
        high = 31 * MIB + 81 * MIB
        verdict = RULE.judge(readings(lambda second: high if second == 3000 else 30 * MIB))
        self.assertFalse(verdict.flat, vars(verdict))
        self.assertEqual(verdict.growth, 0)

    def test_what_shrinks_is_flat(self):
        self.assertTrue(RULE.judge(readings(lambda second: 40 * MIB - 1000 * second)).flat)

    def test_the_growth_is_that_of_the_line(self):
        half = second_half(readings(lambda second: 7 * second))
        self.assertAlmostEqual(growth(half), 7 * (half[-1][0] - half[0][0]))

    def test_few_readings_have_a_growth_too(self):
        self.assertEqual(growth([(0, 5)]), 0)
        self.assertEqual(growth([(0, 5), (10, 6)]), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
