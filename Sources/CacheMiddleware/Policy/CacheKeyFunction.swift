public import HTTPPipeline
public import KeyConstructor

/// A function that computes the keys of a cache: drf-extensions' `key_func`.
public struct CacheKeyFunction: Sendable {
    /// Computes the key of a request. If it returns nil or throws, the request bypasses the cache.
    public typealias Computation = @Sendable (Exchange) async throws -> CacheKey?

    /// The parts of a request that the keys separate.
    let separates: RequestSeparation
    let key: Computation

    /// Returns a function that computes keys.
    ///
    /// - Parameters:
    ///   - separates: The parts of a request that the keys separate, for ``Sharing``. None by default: a request with credentials
    ///     then bypasses the cache.
    ///   - key: Computes the key.
    /// - Returns: The function.
    public static func computed(
        separates: RequestSeparation = .none, _ key: @escaping Computation
    ) -> CacheKeyFunction {
        CacheKeyFunction(separates: separates, key: key)
    }

    /// The same function with the user added to the keys.
    var perUser: CacheKeyFunction {
        guard !separates.user else { return self }
        var separates = separates
        separates.user = true
        return CacheKeyFunction(separates: separates) { [key] exchange in
            // An anonymous request differs from a user whose name is empty.
            let user = exchange.userID.map { " \($0)" } ?? ""
            return try await key(exchange).map { CacheKey(digestOf: "\($0)\(user)") }
        }
    }
}
