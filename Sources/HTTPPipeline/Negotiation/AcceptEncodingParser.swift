/// Finds the weights of the codings that matter here in an Accept-Encoding field, each byte looked at once.
struct AcceptEncodingParser {
    /// Weights in thousandths; nil where the field does not name the coding.
    struct Weights {
        var gzip: Int?
        var identity: Int?
        var any: Int?
    }

    private let bytes: UnsafeBufferPointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    func weights() -> Weights {
        var weights = Weights()
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: ",") { end += 1 }
            read(start..<end, into: &weights)
            start = end + 1
        }
        return weights
    }

    /// Reads one member. Of a coding that stands twice the first counts; a member with a malformed weight does not.
    private func read(_ member: Range<Int>, into weights: inout Weights) {
        var end = member.lowerBound
        while end < member.upperBound, bytes[end] != UInt8(ascii: ";") { end += 1 }
        let name = trimmed(member.lowerBound..<end)
        guard let weight = weight(in: min(end + 1, member.upperBound)..<member.upperBound) else { return }
        if equals(name, "gzip") || equals(name, "x-gzip") {
            weights.gzip = weights.gzip ?? weight
        } else if equals(name, "identity") {
            weights.identity = weights.identity ?? weight
        } else if equals(name, "*") {
            weights.any = weights.any ?? weight
        }
    }

    /// The weight in the parameters of a member, 1000 when there is none, nil when it is malformed.
    private func weight(in parameters: Range<Int>) -> Int? {
        let parameters = trimmed(parameters)
        guard !parameters.isEmpty else { return 1000 }
        guard parameters.count >= 3, bytes[parameters.lowerBound] | 0x20 == UInt8(ascii: "q"),
            bytes[parameters.lowerBound + 1] == UInt8(ascii: "=")
        else { return nil }
        return thousandths(parameters.dropFirst(2))
    }

    /// The `qvalue` of RFC 9110 section 12.4.2: `0` or `1`, and up to three decimals.
    private func thousandths(_ digits: Range<Int>) -> Int? {
        guard digits.count <= 5, bytes[digits.lowerBound] & 0xFE == UInt8(ascii: "0") else { return nil }
        var value = bytes[digits.lowerBound] == UInt8(ascii: "1") ? 1000 : 0
        guard digits.count > 1 else { return value }
        guard bytes[digits.lowerBound + 1] == UInt8(ascii: ".") else { return nil }
        var scale = 100
        for index in digits.dropFirst(2) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
            value += Int(bytes[index] - UInt8(ascii: "0")) * scale
            scale /= 10
        }
        return value <= 1000 ? value : nil
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        func isSpace(_ index: Int) -> Bool { bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") }
        var range = range
        while let first = range.first, isSpace(first) { range = first + 1..<range.upperBound }
        while let last = range.last, isSpace(last) { range = range.lowerBound..<last }
        return range
    }

    /// Whether the bytes are those of a name in lower case, in any case.
    private func equals(_ range: Range<Int>, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        for (offset, index) in range.enumerated() {
            let byte = bytes[index]
            let lower = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            guard lower == name.utf8Start[offset] else { return false }
        }
        return true
    }
}
