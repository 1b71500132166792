#if PostgreSQL
/// An invalid URL of a server. Errors contain no values of the URL, which may include a password.
public enum PostgreSQLURLError: Error, Hashable, CustomStringConvertible {
    /// The scheme is missing or unknown.
    case scheme
    /// The port is not a number from 1 to 65535.
    case port
    /// The value of `sslmode` is unknown.
    case sslMode
    /// A parameter of the query is unknown. Its name is given if it consists of letters and underscores.
    case parameter(String)
    /// The URL has another error.
    case malformed

    /// The problem and the expected form.
    public var description: String {
        switch self {
        case .scheme: "unknown scheme; expected postgres or postgresql, as in \(Self.form)"
        case .port: "invalid port; expected a number from 1 to 65535, as in \(Self.form)"
        case .sslMode:
            "invalid sslmode; expected disable, allow, prefer, require, verify-ca or verify-full, as in \(Self.form)"
        case .parameter(let name):
            "unknown parameter \"\(name)\" in the query; expected parameters of libpq, as in \(Self.form)"
        case .malformed:
            """
            malformed URL; expected \(Self.form), with reserved characters of the user, the password and the database \
            percent-encoded
            """
        }
    }

    private static let form = "postgres://user:password@host:5432/database?sslmode=verify-full"
}
#endif
