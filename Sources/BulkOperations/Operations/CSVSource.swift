public import Repositories

/// How the lines of a CSV upload are read. It is stored with the operation, so that a worker reads chunks as the server did.
public struct CSVSource: Sendable, Hashable, Codable {
    /// The parameters of a request that say how CSV is read.
    public struct Parameters: Sendable, Hashable, Codable {
        /// The delimiter, or nil for the one under which every name of the header is a field.
        public var delimiter: CSVDelimiter?
        /// What empty cells stand for.
        public var emptyCells = CSVRowReader.EmptyCells.absent
        /// The text that stands for null.
        public var nullText: String?
        /// Whether a comma separates the integer of a number from its fraction.
        public var usesDecimalComma = false
        /// Whether unknown columns are ignored.
        public var ignoresUnknownColumns = false
        /// Whether a quote inside a cell that does not begin with one is a problem.
        public var rejectsStrayQuotes = false
        /// Whether the apostrophes are removed that guard formulas.
        public var removesFormulaGuards = false
        /// The names of fields by the names of their columns.
        public var columns: [String: String] = [:]

        /// Creates the default parameters.
        public init() {}

        /// Sets what the parameters say in the options of a reader.
        func apply(to options: inout CSVRowReader.Options) {
            options.delimiter = delimiter
            options.emptyCells = emptyCells
            options.nullText = nullText
            options.usesDecimalComma = usesDecimalComma
            options.ignoresUnknownColumns = ignoresUnknownColumns
            options.rejectsStrayQuotes = rejectsStrayQuotes
            options.removesFormulaGuards = removesFormulaGuards
            options.columns = columns
        }
    }

    /// The parameters of the request.
    public var parameters: Parameters
    /// The header and the delimiter.
    package var dialect: CSVRowReader.Dialect

    /// Creates a source.
    package init(_ parameters: Parameters, _ dialect: CSVRowReader.Dialect) {
        (self.parameters, self.dialect) = (parameters, dialect)
    }
}
