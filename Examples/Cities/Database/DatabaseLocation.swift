/// Where the database is.
enum DatabaseLocation: Sendable, Hashable, CustomStringConvertible {
    /// The program was built without PostgreSQL.
    struct Unsupported: Error, CustomStringConvertible {
        var description: String {
            "the program was built without PostgreSQL; build it with --traits default,PostgreSQL"
        }
    }

    /// A file.
    case sqlite(path: String)
    /// A server: `postgres://user:password@host:port/database`.
    case postgreSQL(url: String)

    /// Creates a location from the text of an option.
    init(_ text: String) {
        let isServer = ["postgres://", "postgresql://"].contains { text.hasPrefix($0) }
        self = isServer ? .postgreSQL(url: text) : .sqlite(path: text)
    }

    /// The location without user and password.
    var description: String {
        switch self {
        case .sqlite(let path): path
        case .postgreSQL(let url):
            "postgres://" + (url.lastIndex(of: "@").map { url[url.index(after: $0)...] } ?? "").prefix { $0 != "?" }
        }
    }
}
