public import HTTPTypes

/// The directives of Cache-Control (RFC 9111 section 5.2).
///
/// ```swift
/// let directives = CacheDirectives(response.headerFields)
/// directives.contains("no-store")
/// directives.seconds(of: "max-age")
/// ```
public struct CacheDirectives: Sendable, Hashable {
    /// A directive.
    public struct Directive: Sendable, Hashable {
        /// The name in lower case.
        public let name: String
        /// The argument, without the quotes of a quoted string; nil without an equals sign.
        public let argument: String?
    }

    /// The directives in order.
    public let directives: [Directive]

    /// Parses all Cache-Control lines.
    ///
    /// - Complexity: O(length of the lines).
    public init(_ fields: HTTPFields) {
        self.init(fields.value(of: .cacheControl) ?? "")
    }

    /// Parses a field value. Members without a name are skipped.
    ///
    /// - Complexity: O(length).
    public init(_ value: String) {
        directives = ListMembers(value.utf8).compactMap { member in
            let equals = member.firstIndex(of: UInt8(ascii: "="))
            let name = member[..<(equals ?? member.endIndex)].trimmingSpaces
            guard !name.isEmpty else { return nil }
            return Directive(
                name: name.asciiLowercased,
                argument: equals.map { Self.unquoted(member[$0...].dropFirst()) })
        }
    }

    /// Whether a directive is present, with or without an argument.
    ///
    /// - Parameter name: The name in lower case.
    /// - Returns: Whether it is present.
    /// - Complexity: O(number of directives).
    public func contains(_ name: String) -> Bool {
        directives.contains { $0.name.hasBytes(of: name) }
    }

    /// Returns the argument of a directive as a number of seconds.
    ///
    /// An argument that is no number counts as 0: a cache treats invalid freshness information as stale (RFC 9111 section 4.2.1).
    /// Of several different numbers the smallest is returned.
    ///
    /// - Parameter name: The name in lower case.
    /// - Returns: 0 to 2^31 (RFC 9111 section 1.2.2), or nil when the directive is absent.
    /// - Complexity: O(number of directives and length of the arguments).
    public func seconds(of name: String) -> Int? {
        directives.lazy.filter { $0.name.hasBytes(of: name) }
            .map { $0.argument.flatMap { DeltaSeconds.parse($0) } ?? 0 }.min()
    }

    /// Returns the fields that the arguments of a directive name, for example `no-cache="Set-Cookie"`.
    ///
    /// - Parameter name: The name in lower case.
    /// - Returns: The fields; empty when the directive has no argument, which then concerns the whole response; nil when it is absent.
    public func fieldNames(of name: String) -> Set<HTTPField.Name>? {
        let found = directives.filter { $0.name.hasBytes(of: name) }
        guard !found.isEmpty else { return nil }
        // Without an argument the directive concerns every field.
        guard found.allSatisfy({ $0.argument != nil }) else { return [] }
        return Set(
            found.flatMap { ListMembers(($0.argument ?? "").utf8).compactMap { HTTPField.Name(String(Substring($0))) } }
        )
    }

    private static func unquoted(_ bytes: Substring.UTF8View) -> String {
        guard bytes.first == UInt8(ascii: "\"") else { return String(Substring(bytes)) }
        var text: [UInt8] = []
        var isEscaped = false
        for byte in bytes.dropFirst() {
            if isEscaped || byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "\"") {
                text.append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                break
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
