/// A member of a list whose members have weights, such as Accept (RFC 9110 section 12.4.2).
package struct WeightedMember<Bytes: BidirectionalCollection<UInt8>> where Bytes.SubSequence == Bytes {
    /// The member without its parameters.
    let value: Bytes
    /// The weight in thousandths, 0 to 1000. A member without a weight has 1000.
    package let weight: Int
    /// Whether there are parameters in front of the weight.
    let hasOtherParameters: Bool

    /// Parses a member. Returns nil when it has no value, or a malformed weight.
    ///
    /// Parameters other than the weight are skipped, and so is whatever follows the weight.
    init?(_ member: Bytes) {
        let end = member.firstIndex(of: UInt8(ascii: ";")) ?? member.endIndex
        value = member[..<end].trimmingSpaces
        guard !value.isEmpty else { return nil }
        var hasOtherParameters = false
        for parameter in ListMembers(member[end...], separator: UInt8(ascii: ";")) {
            let equals = parameter.firstIndex(of: UInt8(ascii: "=")) ?? parameter.endIndex
            guard parameter[..<equals].trimmingSpaces.equalsIgnoringCase("q") else {
                hasOtherParameters = true
                continue
            }
            // No spaces are allowed around the equals sign.
            guard parameter[..<equals].equalsIgnoringCase("q"),
                let weight = Self.thousandths(parameter[equals...].dropFirst())
            else { return nil }
            self.weight = weight
            self.hasOtherParameters = hasOtherParameters
            return
        }
        weight = 1000
        self.hasOtherParameters = hasOtherParameters
    }

    /// Parses a `qvalue`: `0` or `1`, and up to three decimals.
    private static func thousandths(_ digits: Bytes) -> Int? {
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1") else { return nil }
        var value = Int(first - UInt8(ascii: "0")) * 1000
        var rest = digits.dropFirst()
        guard let point = rest.popFirst() else { return value }
        guard point == UInt8(ascii: ".") else { return nil }
        var scale = 100
        for digit in rest {
            guard scale > 0, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value += Int(digit - UInt8(ascii: "0")) * scale
            scale /= 10
        }
        return value <= 1000 ? value : nil
    }
}

extension WeightedMember<Substring.UTF8View> {
    /// Returns the members of a field value in order. Members with a malformed weight are left out.
    ///
    /// - Parameter field: The field value.
    /// - Returns: The members.
    /// - Complexity: O(length of the field).
    package static func list(in field: String) -> [WeightedMember] {
        ListMembers(field.utf8).compactMap { WeightedMember($0) }
    }

    /// The value in lower case.
    package var lowercasedValue: String { value.asciiLowercased }
}
