import Testing

@testable import PipelineSettings

@Suite(.timeLimit(.minutes(5))) struct SettingsEffectTests {
    static let effects = [
        SettingEffect.cache, SettingEffect.stores, SettingEffect.entityTags, SettingEffect.keys,
        SettingEffect.deployment,
    ].flatMap(\.self)

    @Test(arguments: effects)
    func `The setting has its effect, and only with it`(effect: SettingEffect) async throws {
        let without = try Settings.load(environment: effect.environment(with: false))
        #expect(try await effect.observe(without) == effect.without)
        let with = try Settings.load(environment: effect.environment(with: true))
        #expect(try await effect.observe(with) == effect.with)
    }

    @Test func `Every setting affects responses`() {
        let proven = Set(Self.effects.map(\.member))
        let members = SettingRow.all.map(\.member)
        #expect(members.filter { !proven.contains($0) } == [])
    }
}
