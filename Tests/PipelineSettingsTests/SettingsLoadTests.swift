import CacheMiddleware
import HTTPTypes
import KeyConstructor
import Testing

@testable import PipelineSettings

@Suite struct SettingsLoadTests {
    static let json = """
        {"responseCache": {"cache": {"lifetime": 900, "key": "defaultList"}, "memoizesKeys": true}, "other": [{"a": null}]}
        """

    @Test func `Variables override the file, and the file overrides the base`() throws {
        var base = Settings.standard
        base.cache.lifetime = .seconds(1)
        base.cache.key = .default
        base.cache.name = "base"
        let settings = try Settings.load(
            json: Self.json, environment: ["RESPONSE_CACHE_CACHE_LIFETIME": "60"], base: base)
        #expect(settings.cache.lifetime.duration == .seconds(60))
        #expect(settings.cache.key == .defaultList)
        #expect(settings.memoizesKeys)
        #expect(settings.cache.name == "base")
    }

    @Test func `Without settings the base is unchanged`() throws {
        let settings = try Settings.load(environment: [:], base: .drf)
        for row in SettingRow.all { #expect(SettingText.text(of: row.member, in: settings) == row.drf) }
    }

    @Test(
        arguments: [
            ([:], "drf"), (["RESPONSE_CACHE_PRESET": "standard"], "standard"),
            (["RESPONSE_CACHE_CACHE_LIFETIME": "900"], "drf"),
        ] as [([String: String], String)])
    func `Other settings override a preset`(environment: [String: String], preset: String) throws {
        let settings = try Settings.load(
            json: #"{"responseCache": {"cache": {"lifetime": 900}, "preset": "drf"}}"#, environment: environment)
        for row in SettingRow.all where row.member != "cache.lifetime" {
            #expect(SettingText.text(of: row.member, in: settings) == (preset == "drf" ? row.drf : row.standard))
        }
        #expect(settings.cache.lifetime.duration == .seconds(900))
    }

    @Test func `Statuses are merged one by one`() throws {
        let settings = try Settings.load(
            json: #"{"responseCache": {"cache": {"statusLifetimes": {"404": 10, "410": "forever", "301": 0.5}}}}"#,
            environment: [
                "RESPONSE_CACHE_CACHE_STATUS_LIFETIMES_404": "20",
                "RESPONSE_CACHE_CACHE_STATUS_LIFETIMES_500": "doNotStore",
            ])
        #expect(
            settings.cache.statusLifetimes.mapValues(SettingText.text)
                == [404: "20", 410: "forever", 301: "0.5", 500: "doNotStore"])
    }

    @Test(arguments: [
        ("0", "doNotStore"), ("doNotStore", "doNotStore"), ("forever", "forever"), ("0.25", "0.25"), ("900", "900"),
        ("1e3", "1000"),
        ("3153600000", "3153600000"),
    ])
    func `A lifetime is a number of seconds or a word`(text: String, expected: String) throws {
        let settings = try Settings.load(environment: ["RESPONSE_CACHE_CACHE_LIFETIME": text])
        #expect(SettingText.text(settings.cache.lifetime) == expected)
    }

    @Test func `Fractions of seconds are exact to the nanosecond`() throws {
        let settings = try Settings.load(
            json: #"{"responseCache": {"cache": {"storeTimeout": 0.1, "waitLimit": 1.7}}}"#)
        #expect(settings.cache.storeTimeout == .milliseconds(100))
        #expect(settings.cache.singleFlight.waitLimit == .milliseconds(1700))
    }

    @Test(arguments: [("true", true), ("YES", true), ("1", true), ("false", false), ("no", false), ("0", false)])
    func `A flag is parsed like swift-configuration parses it`(text: String, expected: Bool) throws {
        #expect(try Settings.load(environment: ["RESPONSE_CACHE_MEMOIZES_KEYS": text]).memoizesKeys == expected)
    }

    @Test func `An empty list of fields selects none`() throws {
        var base = Settings.standard
        base.cache.unstoredFields = [.server]
        let variable = "RESPONSE_CACHE_CACHE_UNSTORED_FIELDS"
        #expect(try Settings.load(environment: [variable: "none"], base: base).cache.unstoredFields == [])
        let json = #"{"responseCache": {"cache": {"unstoredFields": []}}}"#
        #expect(try Settings.load(json: json, base: base).cache.unstoredFields == [])
    }

    @Test func `Application keys have the registered names`() throws {
        let city: KeyConstructor = ["view": .uniqueViewID]
        let environment = ["RESPONSE_CACHE_CACHE_KEY": "city", "RESPONSE_CACHE_KEYS_OBJECT_ENTITY_TAG": "city"]
        let settings = try Settings.load(environment: environment, keys: ["city": city])
        #expect(settings.cache.key == city)
        #expect(settings.keys.objectEntityTag == city)
    }

    @Test func `Another prefix selects another section and other variables`() throws {
        let file = try JSONFile(#"{"api": {"httpCache": {"cache": {"name": "edge"}}}, "responseCache": {"none": 1}}"#)
        let settings = try Settings.load(
            environment: ["API_HTTP_CACHE_CACHE_LIFETIME": "5", "RESPONSE_CACHE_PORT": "tcp://10.0.0.1:80"],
            jsonFile: file.path, prefix: "api.httpCache")
        #expect(settings.cache.name == "edge")
        #expect(settings.cache.lifetime.duration == .seconds(5))
    }

    @Test func `The process environment is the default`() throws {
        #expect(try SettingText.text(of: "cache.lifetime", in: .load(prefix: "noSuchPrefix\(#line)")) == "forever")
    }
}
