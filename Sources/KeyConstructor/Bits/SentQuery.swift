import HTTPPipeline

/// The unchanged pairs of a query and the result of each common decoding.
///
/// There are two decodings. `QueryParameters` decodes an HTML form: names are decoded like values, `+` is a space, and a
/// number sign is an ordinary character. Hummingbird 2's `uri.queryParameters` does not decode names, `+` or a value with a
/// malformed escape, and ends the query at a number sign.
struct SentQuery {
    struct Pair {
        /// The unchanged pair.
        let text: Substring
        /// The undecoded name, up to a number sign.
        let sentName: Substring
        /// The decoded name.
        let name: String
        /// The decoded value.
        let value: String
        /// Whether every decoding returns this name and this value.
        let isPlain: Bool
        /// Whether a number sign precedes the pair.
        let followsFragment: Bool
    }

    let pairs: [Pair]

    /// Splits the query of a target. O(length of the target).
    init(target: String) {
        let query = target.targetQuery ?? ""
        var pairs: [Pair] = []
        var followsFragment = false
        let texts = query.utf8.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        for (index, text) in texts.enumerated() where !(text.isEmpty && index == texts.count - 1) {
            let pair = Pair(Substring(text), followsFragment: followsFragment)
            followsFragment = followsFragment || text.contains(UInt8(ascii: "#"))
            pairs.append(pair)
        }
        self.pairs = pairs
    }

    /// Returns the pairs that have a name in any decoding.
    ///
    /// Swift's comparison of names equals Hummingbird's: two spellings of one character are the same.
    func pairs(of name: String) -> [Pair] {
        pairs.filter { $0.name.utf8.elementsEqual(name.utf8) || $0.sentName == name }
    }
}

extension SentQuery.Pair {
    fileprivate init(_ text: Substring, followsFragment: Bool) {
        let bytes = text.utf8
        let equals = bytes.firstIndex(of: UInt8(ascii: "="))
        let name = text[..<(equals ?? text.endIndex)]
        let value = equals.map { text[bytes.index(after: $0)...] } ?? ""
        self.text = text
        self.sentName = name.prefix(upTo: name.utf8.firstIndex(of: UInt8(ascii: "#")) ?? name.endIndex)
        self.name = name.percentDecoded(plusIsSpace: true)
        self.value = value.percentDecoded(plusIsSpace: true)
        self.followsFragment = followsFragment
        let isSpecial = { (byte: UInt8) in byte == UInt8(ascii: "+") || byte == UInt8(ascii: "#") }
        isPlain =
            !text.isEmpty && !followsFragment && !bytes.contains(where: isSpecial)
            && self.name.utf8.elementsEqual(name.utf8)
            && (Self.hasOnlyEscapes(value.utf8) || self.value.utf8.elementsEqual(value.utf8))
    }

    /// Returns whether every percent sign starts an escape.
    private static func hasOnlyEscapes(_ bytes: Substring.UTF8View) -> Bool {
        var digits = 0
        for byte in bytes {
            if digits > 0 {
                guard isHexadecimal(byte) else { return false }
                digits -= 1
            } else if byte == UInt8(ascii: "%") {
                digits = 2
            }
        }
        return digits == 0
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 6
    }
}
