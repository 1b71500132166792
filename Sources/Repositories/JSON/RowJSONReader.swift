public import NIOCore

/// Reads rows from strict JSON (RFC 8259): one object, or an array of objects.
///
/// Texts go from the body into the rows without becoming strings. All problems of a row are collected by field.
///
/// A row has a member for each field that clients write. Values have the field's type: a text in quotes is no number. A
/// number without a fraction, such as `1.0`, is an integer.
public struct RowJSONReader: Sendable {
    /// What a reader accepts.
    public struct Options: Sendable, Hashable {
        /// Whether members may be absent, as in a partial update. Otherwise absent fields get their default, or are a
        /// problem.
        public var isPartial = false

        /// Whether a member that no field has is a problem. Otherwise it is ignored.
        public var reportsUnknownMembers = false

        /// Whether a member that clients do not write is a problem. Otherwise it is ignored.
        public var reportsReadOnlyMembers = false

        /// Whether each row has the key, as in an update of several rows.
        public var readsKey = false

        /// Whether an item can be the key alone, in place of an object with it.
        public var itemsAreKeys = false

        /// Whether a member `_version` has the expected version of the row.
        public var readsVersions = false

        /// The names of fields that rows need not have, because the server supplies them. They are absent unless they are given.
        public var suppliedFields: Set<String> = []

        /// The names of members that are ignored although no field has them.
        public var ignoredMembers: Set<String> = []

        /// The maximum number of bytes of a body.
        public var maximumByteCount = 16 << 20

        /// The maximum number of bytes of one text.
        public var maximumTextByteCount = 1 << 20

        /// The maximum number of rows.
        public var maximumRowCount = 100_000

        /// Creates the options of a reader for complete rows.
        ///
        /// - Parameter isPartial: Whether members may be absent.
        public init(isPartial: Bool = false) {
            self.isPartial = isPartial
        }
    }

    /// What was read from an array.
    public struct Reading: Sendable {
        /// The valid rows.
        public internal(set) var rows: RowBatch

        /// The index in the array of each valid row.
        public internal(set) var indexes: [Int] = []

        /// The expected version of each valid row, or nil where a row has none. Empty unless ``Options/readsVersions`` is set.
        public internal(set) var versions: [Int64?] = []

        /// The indexes in the array and the problems of the invalid rows.
        public internal(set) var problems: [(index: Int, errors: FieldErrors)] = []

        /// The bytes of each item, from the start of the readable bytes of the body.
        public internal(set) var ranges: [Range<Int>] = []
    }

    let fields: FieldSet
    let options: Options
    let members: [RowMember]

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - fields: The fields of the rows.
    ///   - options: What the reader accepts.
    public init(_ fields: FieldSet, options: Options = Options()) {
        self.fields = fields
        self.options = options
        members = RowMember.members(
            of: fields, isPartial: options.isPartial, readsKey: options.readsKey, suppliedFields: options.suppliedFields
        )
    }

    /// Reads a body that is one object.
    ///
    /// - Parameter body: The bytes of the body. Its reader index does not move.
    /// - Returns: One row. Its columns are the fields that clients write, for a partial reader only the given ones.
    /// - Throws: ``FieldErrors`` for invalid values, and ``JSONSyntaxError`` for anything that is not JSON or too large.
    /// - Complexity: O(length of the body).
    public func readObject(_ body: ByteBuffer) throws -> RowBatch {
        try readVersionedObject(body).row
    }

    /// Reads a body that is one object like ``readObject(_:)``, and the expected version of the row, or nil if it has none.
    package func readVersionedObject(_ body: ByteBuffer) throws -> (row: RowBatch, version: Int64?) {
        var version: Int64?
        var rows = RowBatch(columns: members.map(\.name))
        var errors = FieldErrors()
        try body.withUnsafeReadableBytes { bytes in
            var cursor = try start(bytes)
            version = try readRow(&cursor, depth: 0, &rows, &errors)
            try cursor.expectEnd()
        }
        guard errors.isEmpty else { throw errors }
        return (options.isPartial ? rows.withoutAbsentColumns() : rows, version)
    }

    /// Reads a body that is an array of objects.
    ///
    /// - Parameter body: The bytes of the body. Its reader index does not move.
    /// - Returns: The valid rows, whose columns are all fields that clients write, and the problems of the others. What a
    ///   partial row does not have is absent.
    /// - Throws: ``FieldErrors`` for a body that is not an array, and ``JSONSyntaxError`` for anything that is not JSON or
    ///   too large.
    /// - Complexity: O(length of the body).
    public func readArray(_ body: ByteBuffer) throws -> Reading {
        var reading = Reading(rows: RowBatch(columns: members.map(\.name)))
        var index = 0
        try body.withUnsafeReadableBytes { bytes in
            var cursor = try start(bytes)
            guard cursor.next == UInt8(ascii: "[") else {
                let type = cursor.typeName
                try cursor.skipValue(depth: 0)
                try cursor.expectEnd()
                throw FieldErrors(
                    field: FieldErrors.nonFieldName, "Expected a list of items but got type \"\(type)\".")
            }
            try cursor.readItems(depth: 0) { cursor throws(JSONSyntaxError) in
                guard index < options.maximumRowCount else {
                    throw JSONSyntaxError(
                        "More than \(options.maximumRowCount) rows", at: cursor.index, isTooLarge: true)
                }
                var errors = FieldErrors()
                let start = cursor.index
                let version = try readRow(&cursor, depth: 1, &reading.rows, &errors)
                reading.ranges.append(start..<cursor.index)
                if errors.isEmpty {
                    reading.indexes.append(index)
                    if options.readsVersions { reading.versions.append(version) }
                } else {
                    reading.rows.removeLastRow()
                    reading.problems.append((index, errors))
                }
                index += 1
            }
            try cursor.expectEnd()
        }
        return reading
    }

    private func start(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> JSONCursor {
        guard bytes.count <= options.maximumByteCount else {
            throw JSONSyntaxError(
                "More than \(options.maximumByteCount) bytes", at: options.maximumByteCount, isTooLarge: true)
        }
        var cursor = JSONCursor(bytes)
        // A byte order mark, which a reader may ignore (RFC 8259 section 8.1).
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { cursor.index = 3 }
        cursor.skipBlanks()
        return cursor
    }
}

extension JSONCursor {
    /// The name of the next value's type in Python, for the messages of Django REST framework.
    var typeName: String {
        switch next {
        case UInt8(ascii: "{"): "dict"
        case UInt8(ascii: "["): "list"
        case UInt8(ascii: "\""): "str"
        case UInt8(ascii: "t"), UInt8(ascii: "f"): "bool"
        case UInt8(ascii: "n"): "NoneType"
        default: "number"
        }
    }
}

extension RowBatch {
    /// Returns one row without its absent cells.
    func withoutAbsentColumns() -> RowBatch {
        let given = columns.indices.filter { self[0, $0] != .absent }
        return rearranged(given.map { columns[$0] }, given.map { .given($0) })
    }
}
