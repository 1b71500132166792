import HTTPPipeline
import HTTPTypes

/// The cookies that make a request personal unless the key contains them.
struct CredentialCookies: Sendable {
    private let selection: CookieSelection
    /// The names of the cookies in the key.
    private let separated: [String]

    /// - Parameters:
    ///   - selection: The cookies that are credentials.
    ///   - separated: The names of the cookies that the key separates.
    init(_ selection: CookieSelection, separated: Set<String>) {
        self.selection = selection
        self.separated = separated.sorted()
    }

    /// Returns whether fields contain a credential cookie that the key does not separate.
    ///
    /// A Cookie field that parsers may read differently counts as one.
    ///
    /// - Complexity: O(size of the Cookie fields), for each pattern and each cookie of the key. It allocates nothing.
    func areIn(_ fields: HTTPFields) -> Bool {
        // The results do not depend on the names.
        if selection == .none { return false }
        if selection == .all, separated.isEmpty { return true }
        return !CookieName.allSatisfy(in: fields) { separates($0) || !selection.contains($0) }
    }

    /// Returns whether two requests with the same key have the same cookies, if fields are those of one of them and neither
    /// bypasses the cache.
    ///
    /// If some cookies are no credentials, another request with the key may have them.
    func areAllSeparated(in fields: HTTPFields) -> Bool {
        selection == .all && !separated.isEmpty && CookieName.allSatisfy(in: fields, separates)
    }

    private func separates(_ name: Substring.UTF8View) -> Bool {
        separated.contains { $0.utf8.elementsEqual(name) }
    }
}

/// The names of cookies in the fields of requests.
enum CookieName {
    /// Returns whether a condition holds for the name of every cookie, and all Cookie fields have the syntax of RFC 6265 section
    /// 4.2.1.
    ///
    /// Parsers differ in how they read other fields: some split pairs at commas or white space, some let quotes contain
    /// semicolons, some trim names. The result is false for these, because the application's parser may find a cookie in them
    /// that this one does not.
    static func allSatisfy(in fields: HTTPFields, _ condition: (Substring.UTF8View) -> Bool) -> Bool {
        for field in fields where field.name == .cookie {
            var rest = field.value[...].utf8
            while true {
                let end = rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex
                guard let name = name(of: rest[..<end].trimmingSpaces), condition(name) else { return false }
                guard end < rest.endIndex else { break }
                rest = rest[rest.index(after: end)...]
            }
        }
        return true
    }

    /// Returns whether a byte may occur in a name: a token (RFC 9110 section 5.6.2).
    static func isCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "^")...UInt8(ascii: "z"), UInt8(ascii: "#")...UInt8(ascii: "'"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Returns the name of a pair, or nil if it is not a cookie-pair.
    private static func name(of pair: Substring.UTF8View) -> Substring.UTF8View? {
        guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = pair[..<equals]
        var value = pair[pair.index(after: equals)...]
        let quote = UInt8(ascii: "\"")
        if value.first == quote, value.count > 1, value.last == quote { value = value.dropFirst().dropLast() }
        guard !name.isEmpty, name.allSatisfy(isCharacter), value.allSatisfy(isValueCharacter) else { return nil }
        return name
    }

    /// Returns whether a byte may occur in a value: a cookie-octet, which is visible ASCII except quotes, commas, semicolons and
    /// backslashes.
    private static func isValueCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\\"): false
        default: 0x21...0x7E ~= byte
        }
    }
}
