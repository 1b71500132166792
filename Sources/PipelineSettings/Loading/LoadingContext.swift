import KeyConstructor

/// What the names in settings stand for.
struct LoadingContext: Sendable {
    /// Keys by name.
    let keys: [String: KeyConstructor]

    /// The names of the stores, sorted, if they are known.
    let storeNames: [String]?

    init(keys: [String: KeyConstructor] = [:], storeNames: [String]? = nil) {
        self.keys = Self.knownKeys.merging(keys) { $1 }
        self.storeNames = storeNames
    }

    /// The keys that have a name without the application's doing.
    static let knownKeys: [String: KeyConstructor] = [
        "default": .default, "defaultObject": .defaultObject, "defaultList": .defaultList,
        "defaultModelInstance": .defaultModelInstance, "defaultModelList": .defaultModelList,
        "safeDefault": .safeDefault, "safeDefaultObject": .safeDefaultObject, "safeDefaultList": .safeDefaultList,
        "safeModelInstance": .safeModelInstance, "safeModelList": .safeModelList,
    ]
}
