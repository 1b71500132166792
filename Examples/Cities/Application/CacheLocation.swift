import ResponseCacheRedis

/// Where the cache keeps answers: the value of `--cache`.
enum CacheLocation: Sendable, Hashable {
    /// In the memory of the process.
    case memory
    /// In a server, for all instances.
    case redis(RedisEndpoint)
    /// In a server for all instances, and in front of it in the memory of each.
    case tiered(RedisEndpoint)

    /// Why a value is no location. It never holds the value: there may be a password in it.
    struct Failure: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    /// Reads the value of the option.
    ///
    /// - Throws: ``Failure`` that says what was expected.
    init(_ text: String) throws(Failure) {
        guard text != "memory" else {
            self = .memory
            return
        }
        let isTiered = text.prefix(Self.tier.count).lowercased() == Self.tier
        do {
            let endpoint = try RedisEndpoint(url: isTiered ? String(text.dropFirst(Self.tier.count)) : text)
            self = isTiered ? .tiered(endpoint) : .redis(endpoint)
        } catch {
            throw Failure(
                description: "it must be memory, a server's URL, or tiered+ and such a URL; this URL is wrong: \(error)"
            )
        }
    }

    private static let tier = "tiered+"
}

extension CacheLocation: CustomStringConvertible {
    /// The value of the option, for logs: without user and password.
    var description: String {
        switch self {
        case .memory: return "memory"
        case .redis(let endpoint): return "\(endpoint)"
        case .tiered(let endpoint): return "\(Self.tier)\(endpoint)"
        }
    }
}
