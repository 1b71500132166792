#if PostgreSQL
import CPostgreSQL
import NIOCore

/// The parameters of a statement in the form that libpq sends.
struct StatementParameters: Sendable {
    /// The values one after another. Text ends with a NUL.
    private var bytes: [UInt8] = []
    /// Where each value begins; nil for NULL.
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    /// The types that are declared to the server. 0 lets the server infer the type.
    private(set) var types: [Oid] = []
    /// The kinds, which decide whether a prepared statement accepts the values.
    private(set) var kinds: [Kind] = []

    /// The kind of a parameter.
    enum Kind: UInt8, Sendable {
        case null, text, boolean, integer, number, bytes, booleans, integers, numbers, texts
    }

    static let none = StatementParameters()

    var count: Int { types.count }

    private init() {}

    /// Encodes values.
    ///
    /// - Throws: ``PostgreSQLError`` if a text contains a NUL character.
    init(_ values: [PostgreSQLValue]) throws {
        guard !values.isEmpty else { return }
        types.reserveCapacity(values.count)
        for value in values { try append(value) }
    }

    private mutating func append(_ value: PostgreSQLValue) throws {
        let start = bytes.count
        switch value {
        case .null: return add(.null, type: 0, from: nil)
        case .text(let text):
            var text = text
            try text.withUTF8 { utf8 in
                guard !utf8.contains(0) else { throw Self.unexpectedNUL }
                bytes.append(contentsOf: utf8)
            }
            bytes.append(0)
            return add(.text, type: 0, from: start, isBinary: false)
        case .boolean(let value):
            bytes.append(value ? 1 : 0)
            add(.boolean, type: ValueType.boolean, from: start)
        case .integer(let value):
            append(value)
            add(.integer, type: ValueType.integer, from: start)
        case .number(let value):
            append(value.bitPattern)
            add(.number, type: ValueType.number, from: start)
        case .bytes(let buffer):
            bytes.append(contentsOf: buffer.readableBytesView)
            add(.bytes, type: ValueType.bytes, from: start)
        case .booleans(let values):
            appendArray(values, of: ValueType.boolean) { $0.bytes.append($1 ? 1 : 0) }
            add(.booleans, type: ValueType.booleans, from: start)
        case .integers(let values):
            appendArray(values, of: ValueType.integer) { $0.append($1) }
            add(.integers, type: ValueType.integers, from: start)
        case .numbers(let values):
            appendArray(values, of: ValueType.number) { $0.append($1.bitPattern) }
            add(.numbers, type: ValueType.numbers, from: start)
        case .texts(let values):
            appendArray(values, of: ValueType.text) { parameters, text in
                var text = text
                text.withUTF8 { parameters.bytes.append(contentsOf: $0) }
            }
            add(.texts, type: ValueType.texts, from: start)
        }
    }

    private mutating func add(_ kind: Kind, type: Oid, from start: Int?, isBinary: Bool = true) {
        kinds.append(kind)
        types.append(type)
        offsets.append(start)
        lengths.append(start.map { Int32(clamping: bytes.count - $0) } ?? 0)
        formats.append(isBinary ? 1 : 0)
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends a one-dimensional array in PostgreSQL's binary form: the number of dimensions, whether it has NULLs, the type of the
    /// elements, the count and the lower bound, and each element after its length.
    private mutating func appendArray<Element>(
        _ values: [Element?], of type: Oid, _ append: (inout StatementParameters, Element) -> Void
    ) {
        self.append(Int32(values.isEmpty ? 0 : 1))
        self.append(Int32(values.contains { $0 == nil } ? 1 : 0))
        self.append(type)
        guard !values.isEmpty else { return }
        self.append(Int32(clamping: values.count))
        self.append(Int32(1))
        bytes.reserveCapacity(bytes.count + values.count * 12)
        for value in values {
            guard let value else {
                self.append(Int32(-1))
                continue
            }
            let start = bytes.count
            self.append(Int32(0))
            append(&self, value)
            let length = Int32(clamping: bytes.count - start - 4)
            withUnsafeBytes(of: length.bigEndian) { for index in 0..<4 { bytes[start + index] = $0[index] } }
        }
    }

    /// Calls a closure with the arguments of libpq's functions that send a statement.
    func withPointers<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> R
    ) -> R {
        bytes.withUnsafeBytes { bytes in
            // An empty array has no address, and a value without one would be NULL.
            let empty: StaticString = ""
            let base = bytes.baseAddress ?? UnsafeRawPointer(empty.utf8Start)
            let values = offsets.map { $0.map { (base + $0).assumingMemoryBound(to: CChar.self) } }
            return values.withUnsafeBufferPointer { values in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(values.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }

    private static let unexpectedNUL = PostgreSQLError(
        .server, "a text parameter contains a NUL character, which PostgreSQL cannot store", sqlState: "22021")
}

/// The object identifiers of types, which are fixed (`pg_type.dat`).
private enum ValueType {
    static let boolean: Oid = 16
    static let bytes: Oid = 17
    static let integer: Oid = 20
    static let text: Oid = 25
    static let number: Oid = 701
    static let booleans: Oid = 1000
    static let texts: Oid = 1009
    static let integers: Oid = 1016
    static let numbers: Oid = 1022
}
#endif
