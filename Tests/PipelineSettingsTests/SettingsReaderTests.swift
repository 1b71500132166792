import CacheMiddleware
import Configuration
import Testing

@testable import PipelineSettings

@Suite struct SettingsReaderTests {
    static func reader(_ values: [AbsoluteConfigKey: ConfigValue]) -> ConfigReader {
        ConfigReader(provider: InMemoryProvider(values: values))
    }

    @Test func `Values of any type are read`() throws {
        let settings = try Settings.load(
            from: Self.reader([
                ["cache", "lifetime"]: 900, ["cache", "storeTimeout"]: 0.5, ["cache", "cachesErrors"]: true,
                ["cache", "name"]: "edge", ["cache", "statusLifetimes", "404"]: 10,
                ["cache", "unstoredFields"]: ConfigValue(.stringArray(["x-a", "x-b"]), isSecret: false),
            ]))
        #expect(settings.cache.lifetime.duration == .seconds(900))
        #expect(settings.cache.storeTimeout == .milliseconds(500))
        #expect(settings.cache.cachesErrors)
        #expect(settings.cache.name == "edge")
        #expect(settings.cache.statusLifetimes[404]?.duration == .seconds(10))
        #expect(settings.cache.unstoredFields.count == 2)
    }

    @Test func `Invalid values are reported together`() {
        let error = #expect(throws: SettingsError.self) {
            try Settings.load(
                from: Self.reader([
                    ["cache", "lifetime"]: "15m", ["cache", "cachesErrors"]: 2,
                    ["cache", "statusLifetimes", "404"]: "x",
                    ["administration", "secret"]: ConfigValue("hunter2", isSecret: true),
                ]))
        }
        #expect(
            error?.problems.map(\.description) == [
                "administration.secret is invalid (its value is a secret); expected at least 16 bytes",
                "cache.cachesErrors is 2; expected true or false",
                #"cache.lifetime is "15m"; expected a number of seconds from 0 to 3153600000, "forever" or "doNotStore""#,
                #"cache.statusLifetimes.404 is "x"; expected a number of seconds from 0 to 3153600000, "forever" or "doNotStore""#,
            ])
    }

    @Test func `A reader without settings changes nothing`() throws {
        let settings = try Settings.load(from: Self.reader([:]), base: .drf)
        for row in SettingRow.all { #expect(SettingText.text(of: row.member, in: settings) == row.drf) }
    }
}
