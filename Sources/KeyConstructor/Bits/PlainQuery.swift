#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The names and values of a query that every decoding reads alike: it is ASCII and contains nothing encoded. They are found
/// in one pass without allocation.
struct PlainQuery {
    /// The positions of a name and its value. A pair without an equals sign has an empty value.
    struct Pair {
        var start: Int32
        var equals: Int32
        var end: Int32
    }

    /// The maximum number of pairs. Longer queries use the general path.
    private static let capacity = 64

    let pairs: UnsafeBufferPointer<Pair>
    private let bytes: UnsafeBufferPointer<UInt8>

    /// Calls `body` with the pairs of a query.
    ///
    /// - Returns: False, without the call, if the query requires decoding or has too many pairs.
    static func withPairs(of query: UnsafeBufferPointer<UInt8>, _ body: (PlainQuery) -> Void) -> Bool {
        guard query.count < Int32.max else { return false }
        return withUnsafeTemporaryAllocation(of: Pair.self, capacity: capacity) { pairs in
            guard let count = split(query, into: pairs) else { return false }
            body(PlainQuery(pairs: UnsafeBufferPointer(rebasing: pairs[..<count]), bytes: query))
            return true
        }
    }

    /// Returns the number of pairs with a name, and the index of the last one.
    func find(_ name: [UInt8]) -> (count: Int, last: Int) {
        var found = (count: 0, last: 0)
        for index in pairs.indices where hasName(name, at: index) { found = (found.count + 1, index) }
        return found
    }

    func hasName(_ name: [UInt8], at index: Int) -> Bool {
        let pair = pairs[index]
        let count = Int(pair.equals &- pair.start)
        guard count == name.count, let base = bytes.baseAddress else { return false }
        return name.withUnsafeBufferPointer { memcmp($0.baseAddress ?? base, base + Int(pair.start), count) == 0 }
    }

    func value(of index: Int) -> UnsafeBufferPointer<UInt8> {
        let pair = pairs[index]
        return UnsafeBufferPointer(rebasing: bytes[Int(min(pair.equals + 1, pair.end))..<Int(pair.end)])
    }

    /// Returns the number of pairs, or nil if a byte can be decoded in several ways or the buffer is too small.
    private static func split(
        _ query: UnsafeBufferPointer<UInt8>,
        into pairs: UnsafeMutableBufferPointer<Pair>
    ) -> Int? {
        var count = 0
        var start: Int32 = 0
        var equals: Int32 = -1
        let end = Int32(query.count)
        var position: Int32 = 0
        while position <= end {
            let byte = position < end ? query[Int(position)] : UInt8(ascii: "&")
            switch byte {
            case UInt8(ascii: ">")..<0x80:
                // Mostly letters, the most frequent bytes of a query.
                break
            case UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "#"), 0x80...:
                return nil
            case UInt8(ascii: "="):
                if equals < 0 { equals = position }
            case UInt8(ascii: "&"):
                // Empty pairs are skipped.
                if position > start {
                    guard count < pairs.count else { return nil }
                    pairs[count] = Pair(start: start, equals: equals < 0 ? position : equals, end: position)
                    count &+= 1
                }
                start = position &+ 1
                equals = -1
            default:
                break
            }
            position &+= 1
        }
        return count
    }
}
