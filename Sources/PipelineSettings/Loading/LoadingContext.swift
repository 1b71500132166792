import KeyConstructor

/// The meaning of the names in settings.
struct LoadingContext: Sendable {
    /// The keys by name.
    let keys: [String: KeyConstructor]

    init(keys: [String: KeyConstructor] = [:]) {
        self.keys = Self.knownKeys.merging(keys) { $1 }
    }

    /// The keys that have a name by default.
    static let knownKeys: [String: KeyConstructor] = [
        "default": .default, "defaultObject": .defaultObject, "defaultList": .defaultList,
        "defaultModelInstance": .defaultModelInstance, "defaultModelList": .defaultModelList,
        "safeDefault": .safeDefault, "safeDefaultObject": .safeDefaultObject, "safeDefaultList": .safeDefaultList,
        "safeModelInstance": .safeModelInstance, "safeModelList": .safeModelList,
    ]
}
