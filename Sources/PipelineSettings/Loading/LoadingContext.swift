import KeyConstructor

/// The meaning of the names in settings.
struct LoadingContext: Sendable {
    /// The keys by name.
    let keys: [String: KeyConstructor]

    /// The sorted names of the stores; nil if they are not known.
    let storeNames: [String]?

    init(keys: [String: KeyConstructor] = [:], storeNames: [String]? = nil) {
        self.keys = Self.knownKeys.merging(keys) { $1 }
        self.storeNames = storeNames
    }

    /// The keys that have a name by default.
    static let knownKeys: [String: KeyConstructor] = [
        "default": .default, "defaultObject": .defaultObject, "defaultList": .defaultList,
        "defaultModelInstance": .defaultModelInstance, "defaultModelList": .defaultModelList,
        "safeDefault": .safeDefault, "safeDefaultObject": .safeDefaultObject, "safeDefaultList": .safeDefaultList,
        "safeModelInstance": .safeModelInstance, "safeModelList": .safeModelList,
    ]
}
