extension CSVRowReader {
    /// What is needed to read the lines of a file after its header.
    public struct Dialect: Sendable, Hashable, Codable {
        /// The names of the columns as they are in the file, without blanks around them.
        public let header: [String]

        /// The delimiter.
        public let delimiter: CSVDelimiter

        /// Creates a dialect.
        public init(header: [String], delimiter: CSVDelimiter) {
            self.header = header
            self.delimiter = delimiter
        }
    }
}
