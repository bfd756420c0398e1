#include "server/api/accept.hpp"

#include <gtest/gtest.h>

#include "fuota_protocol/offer.hpp"

namespace fuota::server::api {
namespace {

struct Row {
  const char* fact;
  std::string_view accept;
  bool wants_offer;
};

class Accept : public testing::TestWithParam<Row> {};

TEST_P(Accept, SaysWhetherAnOfferIsWanted) {
  EXPECT_EQ(wants_offer(GetParam().accept), GetParam().wants_offer) << GetParam().accept;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Accept,
    testing::Values(
        Row{"WhatADeviceSends", protocol::kCheckAccept, true},
        Row{"TheOfferAlone", "application/vnd.fuota.offer+json", true},
        Row{"InAnyCase", "Application/VND.fuota.Offer+JSON", true},
        Row{"BehindOthers", "text/html, application/vnd.fuota.offer+json;q=0.1", true},
        Row{"AsMuchAsCsv", "text/csv;q=0.5,application/vnd.fuota.offer+json;q=0.500", true},
        Row{"WithAnotherParameter", "application/vnd.fuota.offer+json ; v=1 ; q=0.3", true},
        Row{"Nothing", "", false}, Row{"Anything", "*/*", false},
        Row{"AnyApplication", "application/*", false}, Row{"AnyJson", "application/json", false},
        Row{"CsvMoreThanTheOffer", "text/csv, application/vnd.fuota.offer+json;q=0.9", false},
        Row{"NotTheOffer", "application/vnd.fuota.offer+json;q=0", false},
        Row{"NotTheOfferInDecimals", "application/vnd.fuota.offer+json;q=0.000", false},
        Row{"QualityAboveOne", "application/vnd.fuota.offer+json;q=1.001", false},
        Row{"QualityThatIsNone", "application/vnd.fuota.offer+json;q=high", false},
        Row{"QualityOfFourDecimals", "application/vnd.fuota.offer+json;q=0.1234", false},
        Row{"EmptyQuality", "application/vnd.fuota.offer+json;q=", false},
        Row{"OnlyCommas", ",,;,=", false}),
    [](const auto& row) { return row.param.fact; });

}  // namespace
}  // namespace fuota::server::api
