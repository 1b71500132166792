import HTTPSemantics
import NIOCore

/// The address and the credentials of a server.
///
/// ```
/// redis://user:password@host:6379/0
/// rediss://host             TLS
/// unix:///run/redis.sock?db=0
/// ```
public struct RedisEndpoint: Sendable, Hashable {
    /// The address that a server listens on.
    public enum Address: Sendable, Hashable {
        /// A host name or IP address, and a port.
        case host(String, port: Int)
        /// The path of a Unix domain socket.
        case unixSocket(String)
    }

    /// The address that the server listens on.
    public var address: Address
    /// Whether connections use TLS (`rediss://`).
    public var usesTLS: Bool
    /// The name of an ACL user, or nil for the default user. A user without a password authenticates with an empty one.
    public var user: String?
    /// The password, or nil to connect without authentication.
    public var password: String?
    /// The index of the database.
    public var database: Int

    /// Creates an endpoint.
    public init(
        address: Address, usesTLS: Bool = false, user: String? = nil, password: String? = nil, database: Int = 0
    ) {
        self.address = address
        self.usesTLS = usesTLS
        self.user = user
        self.password = password
        self.database = database
    }

    /// Creates an endpoint from a URL.
    ///
    /// - Parameter url: The URL. User, password and path are percent-decoded.
    /// - Throws: ``RedisURLError``, which names the invalid part and never contains the password.
    public init(url: String) throws(RedisURLError) {
        guard let separator = url.firstRange(of: "://") else { throw .scheme }
        let scheme = url[..<separator.lowerBound].lowercased()
        let rest = url[separator.upperBound...]
        switch scheme {
        case "redis", "rediss": try self.init(hosted: rest, usesTLS: scheme == "rediss")
        case "unix": try self.init(socket: rest)
        default: throw .scheme
        }
    }

    private init(hosted text: Substring, usesTLS: Bool) throws(RedisURLError) {
        guard !text.contains("?"), !text.contains("#") else { throw .query }
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        let authority = text[..<slash]
        let path = text[slash...].dropFirst()
        guard let database = path.isEmpty ? 0 : Self.number(path) else { throw .database }
        let at = authority.lastIndex(of: "@")
        let (user, password) = try Self.credentials(at.map { authority[..<$0] } ?? "")
        let (host, port) = try Self.hostAndPort(at.map { authority[authority.index(after: $0)...] } ?? authority)
        self.init(
            address: .host(host, port: port), usesTLS: usesTLS, user: user, password: password, database: database)
    }

    private init(socket text: Substring) throws(RedisURLError) {
        let question = text.firstIndex(of: "?") ?? text.endIndex
        // Credentials end at the last @ before the path. An @ in the path belongs to the path.
        let at = text[..<(text.firstIndex(of: "/") ?? question)].lastIndex(of: "@")
        let (user, password) = try Self.credentials(at.map { text[..<$0] } ?? "")
        let path = text[(at.map { text.index(after: $0) } ?? text.startIndex)..<question]
        guard path.hasPrefix("/"), path.count > 1 else { throw .socket }
        var database = 0
        if question < text.endIndex {
            let query = text[text.index(after: question)...]
            guard query.hasPrefix("db="), let number = Self.number(query.dropFirst(3)) else { throw .database }
            database = number
        }
        self.init(
            address: .unixSocket(path.percentDecoded), user: user, password: password, database: database)
        try checkSocketLength()
    }

    /// The maximum length of a socket path, in bytes.
    static let socketPathLimit = {
        // The limit is the size of a field of `sockaddr_un`, which differs between operating systems.
        var limit = 0
        while (try? SocketAddress(unixDomainSocketPath: String(repeating: "x", count: limit + 1))) != nil { limit += 1 }
        return limit
    }()

    /// Checks the length of the socket path.
    ///
    /// - Throws: ``RedisURLError/socketLength(_:)`` if it exceeds the limit.
    func checkSocketLength() throws(RedisURLError) {
        guard case .unixSocket(let path) = address, path.utf8.count > Self.socketPathLimit else { return }
        throw .socketLength(path.utf8.count)
    }

    private static func credentials(
        _ text: Substring
    ) throws(RedisURLError) -> (user: String?, password: String?) {
        guard !text.isEmpty else { return (nil, nil) }
        guard let colon = text.firstIndex(of: ":") else { throw .password }
        let user = text[..<colon].percentDecoded
        let password = text[text.index(after: colon)...].percentDecoded
        guard user.isEmpty else { return (user, password) }
        return (nil, password.isEmpty ? nil : password)
    }

    private static func hostAndPort(_ text: Substring) throws(RedisURLError) -> (String, Int) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .host }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw .port }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, !host.contains(" ") else { throw .host }
        guard let port else { return (String(host), 6379) }
        guard let number = number(port), (1...65_535).contains(number) else { throw .port }
        return (String(host), number)
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }
}

extension RedisEndpoint: CustomStringConvertible {
    /// A URL without credentials, for logs.
    public var description: String {
        switch address {
        case .host(let host, let port):
            "\(usesTLS ? "rediss" : "redis")://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unixSocket(let path): "unix://\(path)?db=\(database)"
        }
    }
}

extension RedisEndpoint: CustomReflectable {
    /// A mirror without the credentials, because dumps can end up in logs.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
