/// The messages about invalid values, in the words of Django REST framework.
enum FieldMessage {
    static let required = "This field is required."
    static let null = "This field may not be null."
    static let blank = "This field may not be blank."
    static let nullCharacter = "Null characters are not allowed."
    static let unknown = "Unknown field."
    static let readOnly = "This field is read-only."
    static let repeated = "This field occurs twice."

    static let scientificInteger =
        invalid(.integer) + " Spreadsheets lose digits when they write an integer in scientific notation."

    /// Returns the message about a value of another type.
    static func invalid(_ type: FieldType) -> String {
        switch type {
        case .integer: "A valid integer is required."
        case .number: "A valid number is required."
        case .boolean: "Must be a valid boolean."
        case .text: "Not a valid string."
        }
    }

    static func tooSmall(_ limit: String) -> String {
        "Ensure this value is greater than or equal to \(limit)."
    }

    static func tooGreat(_ limit: String) -> String {
        "Ensure this value is less than or equal to \(limit)."
    }

    static func tooShort(_ limit: Int) -> String {
        "Ensure this field has at least \(limit) character\(limit == 1 ? "" : "s")."
    }

    static func tooLong(_ limit: Int) -> String {
        "Ensure this field has no more than \(limit) character\(limit == 1 ? "" : "s")."
    }

    static func tooManyBytes(_ limit: Int) -> String {
        "Ensure this field has no more than \(limit) byte\(limit == 1 ? "" : "s")."
    }

    /// Returns the message about a text that is not a choice. A long text is cut.
    static func choice(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let shown = scalars.count > 100 ? String(scalars.prefix(100)) + "..." : text
        return "\"\(shown)\" is not a valid choice."
    }

    /// Returns a limit without a fraction of zero.
    static func short(_ limit: Double) -> String {
        Int64(exactly: limit).map { "\($0)" } ?? "\(limit)"
    }
}
