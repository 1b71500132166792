#if PostgreSQL
import CPostgreSQL
public import NIOCore

/// The result of a statement: its rows, or the number of rows that it changed.
///
/// Cells are read in place, in PostgreSQL's text form. Reading a row or column that does not exist is a programming error.
public struct PostgreSQLResult: Sendable {
    private let handle: ResultHandle

    init(_ handle: ResultHandle) {
        self.handle = handle
    }

    /// The number of rows.
    public var rowCount: Int { Int(PQntuples(handle.pointer)) }

    /// The number of columns.
    public var columnCount: Int { Int(PQnfields(handle.pointer)) }

    /// The number of rows that an INSERT, UPDATE, DELETE, MERGE or COPY has changed; for a SELECT the number of rows, for other statements
    /// 0.
    public var changedCount: Int {
        guard let text = PQcmdTuples(handle.pointer) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// The name of a column.
    public func columnName(_ column: Int) -> String {
        check(0, column, rowCount: 1)
        return String(cString: PQfname(handle.pointer, Int32(column)))
    }

    /// The command tag, such as `COMMIT`.
    var command: String { PQcmdStatus(handle.pointer).map { String(cString: $0) } ?? "" }

    /// Whether a cell is NULL.
    public func isNull(_ row: Int, _ column: Int) -> Bool {
        check(row, column, rowCount: rowCount)
        return PQgetisnull(handle.pointer, Int32(row), Int32(column)) == 1
    }

    /// The integer of a cell; nil for NULL, and for a cell that is no integer in the range of `Int64`.
    public func integer(_ row: Int, _ column: Int) -> Int64? {
        withTextBytes(row, column) { Self.integer($0) } ?? nil
    }

    /// The number of a cell of any numeric type; nil for NULL, and for a cell that is no number.
    ///
    /// A `float8` is exact. A `numeric` is rounded to the nearest double.
    public func number(_ row: Int, _ column: Int) -> Double? {
        text(row, column).flatMap { Double($0) }
    }

    /// The boolean of a cell; nil for NULL, and for a cell that is no boolean.
    public func boolean(_ row: Int, _ column: Int) -> Bool? {
        let value: Bool?? = withTextBytes(row, column) { bytes in
            guard bytes.count == 1 else { return nil }
            switch bytes[0] {
            case UInt8(ascii: "t"): return true
            case UInt8(ascii: "f"): return false
            default: return nil
            }
        }
        return value ?? nil
    }

    /// The text of a cell in PostgreSQL's text form of its type; nil for NULL.
    ///
    /// Timestamps are in ISO form and in UTC.
    public func text(_ row: Int, _ column: Int) -> String? {
        withTextBytes(row, column) { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of a cell of type `bytea`; nil for NULL, and for a cell that is no `bytea`.
    public func bytes(_ row: Int, _ column: Int) -> ByteBuffer? {
        withTextBytes(row, column) { Self.decodedHex($0) } ?? nil
    }

    /// Calls a closure with the bytes of a cell in PostgreSQL's text form, which are valid only during the call.
    ///
    /// - Returns: The result of the closure; nil for NULL.
    /// - Throws: Any error of the closure.
    public func withTextBytes<R>(_ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R?
    {
        check(row, column, rowCount: rowCount)
        let (pointer, row, column) = (handle.pointer, Int32(row), Int32(column))
        let count = Int(PQgetlength(pointer, row, column))
        if count == 0, PQgetisnull(pointer, row, column) == 1 { return nil }
        defer { withExtendedLifetime(handle) {} }
        return try body(UnsafeRawBufferPointer(start: PQgetvalue(pointer, row, column), count: count))
    }

    private func check(_ row: Int, _ column: Int, rowCount: Int) {
        precondition(0 <= row && row < rowCount, "row \(row) of \(rowCount)")
        precondition(0 <= column && column < columnCount, "column \(column) of \(columnCount)")
    }

    private static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        let isNegative = bytes.first == UInt8(ascii: "-")
        let digits = isNegative ? bytes.dropFirst() : bytes[...]
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in digits {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let product = value.multipliedReportingOverflow(by: 10)
            // Negative, because the smallest integer has no positive counterpart.
            let sum = product.partialValue.subtractingReportingOverflow(Int64(digit))
            guard !product.overflow, !sum.overflow else { return nil }
            value = sum.partialValue
        }
        guard !isNegative else { return value }
        return value == .min ? nil : -value
    }

    private static func decodedHex(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer? {
        guard bytes.count.isMultiple(of: 2), bytes.starts(with: "\\x".utf8) else { return nil }
        var buffer = ByteBufferAllocator().buffer(capacity: bytes.count / 2 - 1)
        for index in stride(from: 2, to: bytes.count, by: 2) {
            guard let high = hexDigit(bytes[index]), let low = hexDigit(bytes[index + 1]) else { return nil }
            buffer.writeInteger(high << 4 | low)
        }
        return buffer
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
#endif
