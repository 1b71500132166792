import CacheMiddleware
import Configuration
import Testing

@testable import PipelineSettings

@Suite struct SettingsTableTests {
    @Test func `The documentation lists every setting and no other`() {
        let documented = SettingRow.all.map(\.member).filter { !$0.hasPrefix("cache.statusLifetimes") }
        #expect(documented.sorted() == SettingDefinition.all.map { $0.path.joined(separator: ".") }.sorted())
        #expect(SettingRow.all.count == documented.count + 1)
    }

    @Test func `Every setting has a sample`() {
        let sampled = SettingSample.all.map(\.member) + ["preset"]
        #expect(sampled.sorted() == SettingDefinition.all.map { $0.path.joined(separator: ".") }.sorted())
    }

    @Test(arguments: SettingRow.all)
    func `The variable is the documented one`(row: SettingRow) {
        let path = ["responseCache"] + row.member.split(separator: ".").map(String.init)
        #expect(SettingsSource.variableName(of: path) == row.variable)
    }

    @Test(arguments: SettingRow.all)
    func `The default is the documented one`(row: SettingRow) {
        #expect(SettingText.text(of: row.member, in: .standard) == row.standard)
        #expect(SettingText.text(of: row.member, in: .drf) == row.drf)
    }

    @Test(arguments: SettingSample.all)
    func `A variable loads a setting and changes nothing else`(sample: SettingSample) throws {
        let variable = try #require(SettingRow.all.first { $0.member == sample.member }).variable
        let settings = try Settings.load(environment: [variable: sample.text])
        try expect(settings, toHave: sample)
    }

    @Test(arguments: SettingSample.all)
    func `JSON loads a setting and changes nothing else`(sample: SettingSample) throws {
        try expect(try Settings.load(json: sample.file), toHave: sample)
    }

    @Test(arguments: SettingSample.all)
    func `A reader loads a setting and changes nothing else`(sample: SettingSample) throws {
        let variable = try #require(SettingRow.all.first { $0.member == sample.member }).variable
        let provider = EnvironmentVariablesProvider(environmentVariables: [variable: sample.text])
        let reader = ConfigReader(provider: provider).scoped(to: "responseCache")
        try expect(try Settings.load(from: reader), toHave: sample)
    }

    @Test(arguments: SettingRow.all)
    func `Documented defaults can be written in settings`(row: SettingRow) throws {
        guard !row.standard.isEmpty else { return }
        let settings = try Settings.load(environment: [row.variable: row.standard], base: .drf)
        #expect(SettingText.text(of: row.member, in: settings) == row.standard)
    }

    private func expect(_ settings: Settings, toHave sample: SettingSample) throws {
        for row in SettingRow.all {
            let expected = row.member == sample.member ? sample.text : row.standard
            #expect(SettingText.text(of: row.member, in: settings) == expected, "\(row.member)")
        }
        #expect(SettingText.text(of: sample.member, in: .standard) != sample.text)
    }
}
