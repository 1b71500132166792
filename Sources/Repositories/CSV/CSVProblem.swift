/// A problem of a row of CSV.
public struct CSVProblem: Sendable, Hashable, CustomStringConvertible {
    /// The kind of a problem.
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// A value is missing.
        case required
        /// A value is not allowed.
        case invalid
        /// A text has too many characters, or a cell too many bytes.
        case tooLong = "too_long"
        /// The row has fewer cells than the header.
        case tooFewCells = "too_few_cells"
        /// The row has more cells than the header.
        case tooManyCells = "too_many_cells"
        /// Text follows the closing quote of a cell.
        case textAfterQuote = "text_after_quote"
        /// The file ends before the closing quote of a cell.
        case unterminatedQuote = "unterminated_quote"
        /// A cell is not valid UTF-8.
        case invalidUTF8 = "invalid_utf8"
        /// A cell has the character U+0000.
        case controlCharacter = "control_character"
    }

    /// The kind of the problem.
    public let code: Code

    /// The name of the field, if the problem is about one field.
    public let field: String?

    /// A message for the client.
    public let message: String

    /// The physical line, counted from 1.
    public let line: Int

    /// The position in bytes on the line, counted from 1.
    public let column: Int

    init(_ code: Code, field: String? = nil, _ message: String, line: Int, column: Int) {
        self.code = code
        self.field = field
        self.message = message
        self.line = line
        self.column = column
    }

    /// A message for a developer.
    public var description: String {
        "line \(line), column \(column): " + (field.map { "field \"\($0)\": " } ?? "") + message
    }
}
