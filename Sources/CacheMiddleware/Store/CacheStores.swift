/// The stores of an application, each under a name: drf-extensions' `CACHES`.
///
/// It is a value that the application creates and passes to its middleware; there is no global registry.
///
/// ```swift
/// let stores = CacheStores(default: MemoryStore(byteLimit: 64 << 20), ["sessions": MemoryStore(byteLimit: 1 << 20)])
/// CacheResponseMiddleware(.minutes(15), key: .city, in: try stores.store(named: "sessions"))
/// ```
public struct CacheStores: Sendable {
    private let stores: [String: any CacheStore]

    /// Creates a set of stores.
    ///
    /// - Parameters:
    ///   - store: The store called `default`, which is used if no name is specified.
    ///   - others: Additional stores by name. A store called `default` here replaces the first argument.
    public init(default store: any CacheStore, _ others: [String: any CacheStore] = [:]) {
        stores = ["default": store].merging(others) { $1 }
    }

    /// The names of the stores, sorted.
    public var names: [String] { stores.keys.sorted() }

    /// The store called `name`, or nil.
    public subscript(name: String) -> (any CacheStore)? { stores[name] }

    /// Returns the store with a name.
    ///
    /// - Throws: ``UnknownStore`` with the names of the existing stores.
    public func store(named name: String) throws(UnknownStore) -> any CacheStore {
        guard let store = stores[name] else { throw UnknownStore(name: name, stores: names) }
        return store
    }
}

/// The error for a name that no store has.
public struct UnknownStore: Error, Hashable, CustomStringConvertible {
    /// The name.
    public let name: String
    /// The names of the existing stores.
    public let stores: [String]

    /// A message for logs.
    public var description: String {
        "unknown store '\(name)'; expected one of: \(stores.joined(separator: ", "))"
    }
}
