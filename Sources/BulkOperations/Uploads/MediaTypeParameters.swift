import HTTPSemantics

/// A value with parameters, such as a media type: `text/csv; charset="utf-8"` (RFC 9110 section 5.6.6).
struct MediaTypeParameters {
    /// The value in lower case.
    let value: String
    private let parameters: [(name: String, bytes: [UInt8])]

    /// Parses a field value.
    ///
    /// - Returns: nil for a parameter without a name or a value, and for one that is given twice.
    /// - Complexity: O(length), and O(n²) in the number of parameters, which may be 20.
    init?(_ bytes: some BidirectionalCollection<UInt8>) {
        var members = ListMembers(bytes, separator: UInt8(ascii: ";"))
        value = members.next()?.asciiLowercased ?? ""
        var parameters: [(name: String, bytes: [UInt8])] = []
        while let member = members.next() {
            guard let sign = member.firstIndex(of: UInt8(ascii: "=")), parameters.count < 20 else { return nil }
            let name = member[..<sign].trimmingSpaces.asciiLowercased
            guard !name.isEmpty, !parameters.contains(where: { $0.name.hasBytes(of: name) }) else { return nil }
            guard let bytes = Self.unquoted(member[member.index(after: sign)...].trimmingSpaces) else { return nil }
            parameters.append((name, bytes))
        }
        self.parameters = parameters
    }

    /// Returns the bytes of a parameter, without quotes, or nil.
    func bytes(of name: String) -> [UInt8]? {
        parameters.first { $0.name.hasBytes(of: name) }?.bytes
    }

    /// Returns the text of a parameter, without quotes, or nil.
    subscript(name: String) -> String? {
        bytes(of: name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Returns a token or the content of a quoted string. A backslash escapes quotes and backslashes only: file names of Windows have others.
    private static func unquoted(_ bytes: some BidirectionalCollection<UInt8>) -> [UInt8]? {
        guard bytes.first == UInt8(ascii: "\"") else {
            return bytes.isEmpty || bytes.contains(UInt8(ascii: "\"")) ? nil : Array(bytes)
        }
        var text: [UInt8] = []
        var rest = Array(bytes.dropFirst())[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return rest.isEmpty ? text : nil
            case UInt8(ascii: "\\"):
                if let next = rest.first, next == UInt8(ascii: "\"") || next == byte {
                    text.append(next)
                    rest.removeFirst()
                } else {
                    text.append(byte)
                }
            default: text.append(byte)
            }
        }
        return nil
    }
}
