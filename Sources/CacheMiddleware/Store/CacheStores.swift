/// The stores of an application, each under a name: drf-extensions' `CACHES`.
///
/// It is a value that the application creates and passes to its middleware; there is no global registry.
///
/// ```swift
/// let stores = CacheStores(default: MemoryStore(byteLimit: 64 << 20), ["sessions": MemoryStore(byteLimit: 1 << 20)])
/// CacheResponseMiddleware(.minutes(15), key: .city, cache: "sessions", of: stores)
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
}
