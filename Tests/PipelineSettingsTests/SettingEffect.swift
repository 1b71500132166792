import PipelineSettings
import Testing

/// The observable effect of a setting: an observation without it, and another with it.
struct SettingEffect: CustomTestStringConvertible, Sendable {
    let member: String
    let value: String
    /// Settings of both cases.
    let alongside: [String: String]
    let without: String
    let with: String
    let observe: @Sendable (Settings) async throws -> String

    var testDescription: String { "\(member)=\(value)" }

    init(
        _ member: String,
        _ value: String,
        alongside: [String: String] = [:],
        from without: String,
        to with: String,
        _ observe: @escaping @Sendable (Settings) async throws -> String
    ) {
        self.member = member
        self.value = value
        self.alongside = alongside
        self.without = without
        self.with = with
        self.observe = observe
    }

    /// The variables with the setting, or without it.
    func environment(with isSet: Bool) -> [String: String] {
        var members = alongside
        if isSet { members[member] = value }
        return Dictionary(
            uniqueKeysWithValues: members.map { member, value in
                (SettingRow.all.first { $0.member == member }?.variable ?? member, value)
            }
        )
    }
}
