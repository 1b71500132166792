#if PostgreSQL
import CPostgreSQL

/// The parameters of a connection, from a URL and from settings.
struct ConnectionParameters: Sendable {
    private(set) var values: [String: String]

    /// The name of the database, for spans.
    var database: String? { values["dbname"] ?? values["user"] }
    /// The host, for logs and spans.
    var host: String { values["host"] ?? values["hostaddr"] ?? "localhost" }
    /// The port, for logs and spans.
    var port: String { values["port"] ?? "5432" }

    /// - Throws: ``PostgreSQLURLError``.
    init(url: String, settings: PostgreSQLClientSettings) throws {
        guard let schemeEnd = url.firstRange(of: "://"),
            ["postgres", "postgresql"].contains(url[..<schemeEnd.lowerBound])
        else { throw PostgreSQLURLError.scheme }
        guard !url.utf8.contains(0) else { throw PostgreSQLURLError.malformed }
        try Self.checkAuthority(url[schemeEnd.upperBound...])
        try Self.checkQuery(url[schemeEnd.upperBound...])
        var parsed: [String: String] = [:]
        let options = PQconninfoParse(url, nil)
        guard var option = options else { throw PostgreSQLURLError.malformed }
        defer { PQconninfoFree(options) }
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parsed[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        if let ports = parsed["port"],
            !ports.split(separator: ",", omittingEmptySubsequences: false).allSatisfy(Self.isPort)
        {
            throw PostgreSQLURLError.port
        }
        if let mode = parsed["sslmode"], !Self.sslModes.contains(mode) { throw PostgreSQLURLError.sslMode }
        values = parsed
        addDefaults(settings)
    }

    private mutating func addDefaults(_ settings: PostgreSQLClientSettings) {
        // A connection without an acknowledgement is closed by the system, even if it waits for no reply.
        let silence = settings.connectTimeout + settings.replyMargin
        let defaults = [
            "fallback_application_name": "swift-response-cache", "keepalives_idle": "15", "keepalives_interval": "5",
            "keepalives_count": "3", "tcp_user_timeout": "\(silence.milliseconds)",
        ]
        values.merge(defaults) { own, _ in own }
        values["client_encoding"] = "UTF8"
        // What results look like must not depend on the server's configuration. The URL's options, or else those of PGOPTIONS, come last
        // and win.
        let session = """
            -c statement_timeout=\(settings.statementTimeout.milliseconds) \
            -c idle_in_transaction_session_timeout=\(settings.idleTransactionTimeout.milliseconds) -c TimeZone=UTC -c DateStyle=ISO \
            -c IntervalStyle=postgres -c extra_float_digits=1 -c bytea_output=hex -c standard_conforming_strings=on
            """
        let others = values["options"] ?? Self.defaults["options"] ?? nil
        values["options"] = [session, others].compactMap(\.self).joined(separator: " ")
    }

    /// Calls a closure with the arguments of `PQconnectStartParams`.
    func withPointers<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> R
    ) -> R {
        var keywords: [UnsafePointer<CChar>?] = []
        var texts: [UnsafePointer<CChar>?] = []
        func copy(_ text: String) -> UnsafePointer<CChar> {
            let bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count + 1)
            _ = bytes.initialize(from: text.utf8CString)
            return UnsafePointer(bytes.baseAddress!)
        }
        for (keyword, value) in values {
            keywords.append(copy(keyword))
            texts.append(copy(value))
        }
        defer { for pointer in keywords + texts { pointer?.deallocate() } }
        return body(keywords + [nil], texts + [nil])
    }

    /// Checks that the password has no reserved character. libpq would take what follows it for the host or the database, which are logged.
    private static func checkAuthority(_ rest: Substring) throws {
        let address = rest.prefix { $0 != "?" }
        guard let end = address.firstIndex(of: "@") else { return }
        guard !address[..<end].contains("/"), !address[end...].dropFirst().contains("@") else {
            throw PostgreSQLURLError.malformed
        }
    }

    /// Checks the names of the parameters, because the error of libpq may contain a part of the password.
    private static func checkQuery(_ rest: Substring) throws {
        // A question mark before the last @ may be a part of the password.
        let tail = rest.lastIndex(of: "@").map { rest[$0...] } ?? rest
        guard let start = tail.firstIndex(of: "?") else { return }
        for pair in tail[start...].dropFirst().split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0 == "_") }) else {
                throw PostgreSQLURLError.malformed
            }
            // An alias that libpq knows in URLs only.
            if name != "ssl", defaults[String(name)] == nil { throw PostgreSQLURLError.parameter(String(name)) }
        }
    }

    /// The parameters of libpq and their values, from the environment or built in.
    private static let defaults: [String: String?] = {
        let options = PQconndefaults()
        defer { PQconninfoFree(options) }
        var values: [String: String?] = [:]
        guard var option = options else { return values }
        while let keyword = option.pointee.keyword {
            values.updateValue(option.pointee.val.map { String(cString: $0) }, forKey: String(cString: keyword))
            option += 1
        }
        return values
    }()

    private static let sslModes: Set = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || UInt16(text).map { $0 > 0 } ?? false
    }
}

extension Duration {
    /// The whole milliseconds, at least 1.
    var milliseconds: Int64 { max(1, components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000) }
}
#endif
