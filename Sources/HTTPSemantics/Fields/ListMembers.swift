package import HTTPTypes

/// The members of a list in a field value (RFC 9110 section 5.6.1).
///
/// Members are returned in order, without the spaces and tabs around them. Empty members are skipped. A separator inside a quoted
/// string belongs to the string. Iterating over all members takes O(length) and allocates nothing.
package struct ListMembers<Bytes: BidirectionalCollection<UInt8>>: Sequence, IteratorProtocol {
    private var rest: Bytes.SubSequence
    private let separator: UInt8

    /// - Parameters:
    ///   - bytes: The field value.
    ///   - separator: A comma for lists, a semicolon for the parameters of a member.
    package init(_ bytes: Bytes, separator: UInt8 = UInt8(ascii: ",")) {
        rest = bytes[...]
        self.separator = separator
    }

    package mutating func next() -> Bytes.SubSequence? {
        while !rest.isEmpty {
            let end = endOfMember
            let member = rest[..<end].trimmingSpaces
            rest = end == rest.endIndex ? rest[end...] : rest[rest.index(after: end)...]
            if !member.isEmpty { return member }
        }
        return nil
    }

    private var endOfMember: Bytes.Index {
        var isQuoted = false
        var isEscaped = false
        // A loop over `rest.indices` is not specialized and takes several times as long.
        var index = rest.startIndex
        while index != rest.endIndex {
            let byte = rest[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                return index
            }
            rest.formIndex(after: &index)
        }
        return rest.endIndex
    }
}

extension HTTPFields {
    /// Returns the members of a list field, all of its lines combined (RFC 9110 section 5.3).
    ///
    /// - Parameter name: The name of the field.
    /// - Returns: The members in order, without the spaces and tabs around them; empty when there is no such field.
    /// - Complexity: O(length of the field).
    package func members(of name: HTTPField.Name) -> [Substring] {
        guard let value = value(of: name) else { return [] }
        return ListMembers(value.utf8).map { Substring($0) }
    }
}
