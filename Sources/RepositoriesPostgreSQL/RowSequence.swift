#if PostgreSQL
import Repositories

/// The order in which rows are written: by the values that identify them, so that no two writes wait for each other's rows.
struct RowSequence {
    private let rows: RowBatch
    private let columns: [Int]

    /// - Parameters:
    ///   - rows: The rows.
    ///   - names: The names of the fields that identify a row.
    init(_ rows: RowBatch, by names: [String]) {
        self.rows = rows
        columns = names.compactMap { rows.column(of: $0) }
    }

    /// Returns the indexes of rows in the order of their values.
    ///
    /// - Complexity: O(n log n) in the number of rows.
    func sorted(_ indexes: [Int]) -> [Int] {
        guard indexes.count > 1, let first = columns.first else { return indexes }
        return rows.withTextBytes { text in
            let items = indexes.map { (prefix: Self.prefix(rows[$0, first], text), row: $0) }
            let isSorted = zip(items, items.dropFirst()).allSatisfy { $0.prefix < $1.prefix }
            if isSorted { return indexes }
            return items.sorted { left, right in
                if left.prefix != right.prefix { return left.prefix < right.prefix }
                return precedes(left.row, right.row, text)
            }.map(\.row)
        }
    }

    private func precedes(_ left: Int, _ right: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        for column in columns {
            let (leftCell, rightCell) = (rows[left, column], rows[right, column])
            if case .text(let leftOffset, let leftLength) = leftCell,
                case .text(let rightOffset, let rightLength) = rightCell
            {
                let order = Self.order(
                    UnsafeRawBufferPointer(rebasing: text[leftOffset..<leftOffset + Int(leftLength)]),
                    UnsafeRawBufferPointer(rebasing: text[rightOffset..<rightOffset + Int(rightLength)]))
                if order == 0 { continue }
                return order < 0
            }
            let (leftPrefix, rightPrefix) = (Self.prefix(leftCell, text), Self.prefix(rightCell, text))
            if leftPrefix != rightPrefix { return leftPrefix < rightPrefix }
        }
        return left < right
    }

    /// Returns a negative number if some bytes are before others, zero if both are equal, and otherwise a positive number.
    private static func order(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let count = min(left.count, right.count)
        var index = 0
        // Eight bytes at a time, because many texts begin with the same ones.
        while index + 8 <= count {
            let leftWord = UInt64(bigEndian: left.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let rightWord = UInt64(bigEndian: right.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            if leftWord != rightWord { return leftWord < rightWord ? -1 : 1 }
            index += 8
        }
        while index < count {
            if left[index] != right[index] { return left[index] < right[index] ? -1 : 1 }
            index += 1
        }
        return left.count - right.count
    }

    /// Returns a number in the order of the values, the same for texts with the same first bytes.
    private static func prefix(_ cell: Cell, _ text: UnsafeRawBufferPointer) -> UInt64 {
        switch cell {
        case .absent, .null: return 0
        case .boolean(let value): return value ? 2 : 1
        case .integer(let value): return UInt64(bitPattern: value) ^ (1 << 63)
        case .number(let value):
            let bits = value.bitPattern
            return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
        case .text(let offset, let length):
            var prefix: UInt64 = 0
            let count = min(8, Int(length))
            for byte in text[offset..<offset + count] { prefix = prefix << 8 | UInt64(byte) }
            return count == 0 ? 0 : prefix << UInt64(64 - 8 * count)
        }
    }
}
#endif
