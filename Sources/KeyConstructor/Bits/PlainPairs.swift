/// The names and values of a query in which nothing is encoded, one after the other.
struct PlainPairs {
    /// Where a name and its value stand; a pair without an equals sign has an empty value.
    struct Pair {
        var name: Range<Int>
        var value: Range<Int>
    }

    private let query: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ query: UnsafeBufferPointer<UInt8>) {
        self.query = query
    }

    mutating func next() -> Pair? {
        while position < query.count {
            let start = position
            var equals: Int?
            while position < query.count, query[position] != UInt8(ascii: "&") {
                if equals == nil, query[position] == UInt8(ascii: "=") { equals = position }
                position += 1
            }
            let end = position
            position += 1
            // Empty pairs are skipped.
            guard end > start else { continue }
            return Pair(name: start..<(equals ?? end), value: (equals.map { $0 + 1 } ?? end)..<end)
        }
        return nil
    }
}
