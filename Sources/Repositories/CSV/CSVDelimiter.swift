/// The byte between two cells of a line.
public enum CSVDelimiter: String, Sendable, Hashable, Codable, CaseIterable {
    /// A comma, as in RFC 4180.
    case comma = ","
    /// A semicolon, which spreadsheets write where the decimal separator is a comma.
    case semicolon = ";"
    /// A tab.
    case tab = "\t"
    /// A vertical bar.
    case bar = "|"

    /// The byte.
    var byte: UInt8 {
        switch self {
        case .comma: UInt8(ascii: ",")
        case .semicolon: UInt8(ascii: ";")
        case .tab: 0x09
        case .bar: UInt8(ascii: "|")
        }
    }
}
