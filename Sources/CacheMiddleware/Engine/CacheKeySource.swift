import HTTPPipeline
import KeyConstructor

/// Where a cache has its keys from.
enum CacheKeySource: Sendable {
    case constructor(KeyConstructor)
    case closure(RequestSeparation, @Sendable (Exchange) async throws -> CacheKey?)

    /// What of a request the keys tell apart.
    var separates: RequestSeparation {
        switch self {
        case .constructor(let constructor): constructor.separates
        case .closure(let separates, _): separates
        }
    }

    /// The same keys, each for one user.
    var perUser: CacheKeySource {
        switch self {
        case .constructor(let constructor) where !constructor.separates.user:
            // A bit of this name that is something else stays.
            var name = "user"
            while constructor.names.contains(name) { name += "_" }
            return .constructor(constructor.adding(KeyConstructor([(name: name, bit: .user)])))
        case .constructor:
            return self
        case .closure(var separates, let key):
            guard !separates.user else { return self }
            separates.user = true
            return .closure(separates) { exchange in
                // Nobody is somebody else than a user without a name.
                let user = exchange.userID.map { " \($0)" } ?? ""
                return try await key(exchange).map { CacheKey(digestOf: "\($0)\(user)") }
            }
        }
    }

    /// Whether a key is made without waiting for anything.
    var isSynchronous: Bool {
        if case .constructor(let constructor) = self { constructor.isSynchronous } else { false }
    }

    /// The key, when nothing has to be waited for.
    func synchronousKey(for exchange: Exchange) -> CacheKey? {
        guard case .constructor(let constructor) = self else { return nil }
        return constructor.synchronousKey(for: exchange)
    }

    func key(for exchange: Exchange) async throws -> CacheKey? {
        switch self {
        case .constructor(let constructor): try await constructor.key(for: exchange)
        case .closure(_, let key): try await key(exchange)
        }
    }
}
