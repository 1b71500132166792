import ResponseCacheRedis

/// The location of cached responses: the value of `--cache`.
enum CacheLocation: Sendable, Hashable {
    /// In the memory of the process.
    case memory
    /// In a server, for all instances.
    case redis(RedisEndpoint)
    /// In a server for all instances, with a memory tier in each.
    case tiered(RedisEndpoint)

    /// The reason why a value is invalid. It never contains the value, which may contain a password.
    struct Failure: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    /// Parses the value of the option.
    ///
    /// - Throws: ``Failure`` with the expected values.
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
                description: "expected memory, a server URL, or tiered+ followed by a server URL: \(error)"
            )
        }
    }

    private static let tier = "tiered+"
}

extension CacheLocation: CustomStringConvertible {
    /// The value of the option for logs, without user and password.
    var description: String {
        switch self {
        case .memory: return "memory"
        case .redis(let endpoint): return "\(endpoint)"
        case .tiered(let endpoint): return "\(Self.tier)\(endpoint)"
        }
    }
}
