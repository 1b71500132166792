import HTTPPipeline
import KeyConstructor

/// The source of a cache's keys.
enum CacheKeySource: Sendable {
    case constructor(KeyConstructor)
    case function(CacheKeyFunction)

    /// The parts of a request that the keys separate.
    var separates: RequestSeparation {
        switch self {
        case .constructor(let constructor): constructor.separates
        case .function(let function): function.separates
        }
    }

    /// The inputs that the keys depend on.
    var inputs: ExchangeInputs {
        switch self {
        case .constructor(let constructor): constructor.inputs
        case .function: .all
        }
    }

    /// The same keys with the user added.
    var perUser: CacheKeySource {
        switch self {
        case .constructor(let constructor) where !constructor.separates.user:
            // Another bit may have this name.
            var name = "user"
            while constructor.names.contains(name) { name += "_" }
            return .constructor(constructor.adding(KeyConstructor([(name: name, bit: .user)])))
        case .constructor:
            return self
        case .function(let function):
            return .function(function.perUser)
        }
    }

    /// Returns the key of a request if no waiting is needed for it.
    func synchronousKey(for exchange: Exchange) -> CacheKey? {
        guard case .constructor(let constructor) = self else { return nil }
        return constructor.synchronousKey(for: exchange)
    }

    /// Returns the key of a request; nil bypasses the cache.
    ///
    /// - Throws: Any error of a key bit or the function.
    func key(for exchange: Exchange) async throws -> CacheKey? {
        switch self {
        case .constructor(let constructor): try await constructor.key(for: exchange)
        case .function(let function): try await function.key(exchange)
        }
    }

    /// Returns the JSON text whose digest is the key of a request; nil for the key of a closure.
    ///
    /// - Throws: Any error of a key bit.
    func explanation(for exchange: Exchange) async throws -> String? {
        switch self {
        case .constructor(let constructor): try await constructor.explanation(for: exchange)
        case .function: nil
        }
    }
}
