extension CSVRowReader {
    /// What a cell without any character stands for, unless it is in quotes, which make it an empty text.
    public enum EmptyCells: String, Sendable, Hashable, Codable, CaseIterable {
        /// Nothing is given: an update keeps the old value, and a new row gets the default.
        case absent
        /// No value.
        case null
        /// An empty text. For fields of other types nothing is given.
        case text
    }

    /// What a reader accepts.
    public struct Options: Sendable, Hashable {
        /// The delimiter, or nil for the one under which every name of the header is a field.
        public var delimiter: CSVDelimiter?

        /// Whether a quote inside a cell that does not begin with one is a problem. Otherwise it is a character, and counted.
        public var rejectsStrayQuotes = false

        /// What an empty cell stands for.
        public var emptyCells = EmptyCells.absent

        /// The text of cells without quotes that stand for null, for example `\N`.
        public var nullText: String?

        /// Whether a comma separates the integer of a number from its fraction.
        public var usesDecimalComma = false

        /// Whether columns that no field has are ignored. Otherwise they are an error.
        public var ignoresUnknownColumns = false

        /// Whether columns that clients do not write are an error. Otherwise they are ignored.
        public var reportsReadOnlyColumns = false

        /// The names of fields by the names of their columns, where these differ.
        public var columns: [String: String] = [:]

        /// Whether the apostrophe is removed with which ``CSVRowWriter`` guards texts that a spreadsheet would run as formulas.
        public var removesFormulaGuards = false

        /// Whether fields may be absent, as in a partial update. Otherwise absent fields get their default, or are a problem.
        public var isPartial = false

        /// Whether each row has the key, as in an update of several rows.
        public var readsKey = false

        /// Whether a column `_version` has the expected versions of the rows.
        public var readsVersions = false

        /// The names of fields that rows need not have, because the server supplies them.
        public var suppliedFields: Set<String> = []

        /// The maximum number of bytes of a cell.
        public var maximumCellByteCount = 1 << 20

        /// The number of bytes of a row after which further cells are too long.
        public var maximumRowByteCount = 4 << 20

        /// The maximum number of bytes of the header.
        public var maximumHeaderByteCount = 1 << 20

        /// The maximum number of columns.
        public var maximumColumnCount = 1000

        /// The maximum number of rows of a ``CSVRowReader/Reading``, failed ones included.
        public var batchRowCount = 5000

        /// The number of bytes of text after which a ``CSVRowReader/Reading`` ends.
        public var batchByteCount = 4 << 20

        /// Creates the options of a reader for complete rows.
        ///
        /// - Parameter isPartial: Whether fields may be absent.
        public init(isPartial: Bool = false) {
            self.isPartial = isPartial
        }
    }
}
