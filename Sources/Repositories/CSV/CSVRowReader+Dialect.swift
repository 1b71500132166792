extension CSVRowReader {
    /// What is needed to read the lines of a file after its header.
    package struct Dialect: Sendable, Hashable, Codable {
        /// The names of the columns as they are in the file, without blanks around them.
        package let header: [String]

        /// The delimiter.
        package let delimiter: CSVDelimiter

        /// Creates a dialect.
        package init(header: [String], delimiter: CSVDelimiter) {
            self.header = header
            self.delimiter = delimiter
        }
    }
}
