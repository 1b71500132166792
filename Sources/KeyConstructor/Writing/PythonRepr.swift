import HTTPPipeline

extension ParameterValue {
    /// The value in the format of Python's `str`, which the dictionary bits of drf-extensions write; nil for null.
    var pythonText: String? {
        switch self {
        case .null: nil
        case .string(let value): value
        default: pythonRepr
        }
    }

    /// The value in the format of Python's `repr`.
    var pythonRepr: String {
        switch self {
        case .null: "None"
        case .bool(let value): value ? "True" : "False"
        case .integer(let value): String(value)
        case .largeInteger(let value): value.description
        // `repr` writes these three in lower case, unlike `json.dumps`.
        case .double(let value) where value.isNaN: "nan"
        case .double(let value) where value.isInfinite: value < 0 ? "-inf" : "inf"
        case .double(let value): pythonDescription(of: value)
        case .string(let value): Self.pythonRepr(of: value)
        case .array(let values): "[" + values.map(\.pythonRepr).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.pythonRepr(of: $0.name)): \($0.value.pythonRepr)" }.joined(separator: ", ")
                + "}"
        }
    }

    /// Returns the Python `repr` of a tuple of values.
    static func pythonTuple(_ values: [ParameterValue]) -> String {
        "(" + values.map(\.pythonRepr).joined(separator: ", ") + (values.count == 1 ? ",)" : ")")
    }

    /// A text in single quotes, or in double quotes if it holds single ones only, with escapes for what is not printable.
    private static func pythonRepr(of text: String) -> String {
        let scalars = text.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var repr = String.UnicodeScalarView([quote])
        for scalar in scalars {
            switch scalar {
            case quote, "\\": repr.append(contentsOf: ["\\", scalar])
            case "\n": repr.append(contentsOf: "\\n".unicodeScalars)
            case "\r": repr.append(contentsOf: "\\r".unicodeScalars)
            case "\t": repr.append(contentsOf: "\\t".unicodeScalars)
            case _ where scalar.isPrintableInPython: repr.append(scalar)
            default: repr.append(contentsOf: scalar.pythonEscape.unicodeScalars)
            }
        }
        repr.append(quote)
        return String(repr)
    }
}

extension Unicode.Scalar {
    /// Whether Python's `str.isprintable` holds: not a separator other than the space, and none of the categories "other".
    fileprivate var isPrintableInPython: Bool {
        if self == " " { return true }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default:
            return true
        }
    }

    /// The scalar as `\xNN`, `\uNNNN` or `\UNNNNNNNN`.
    fileprivate var pythonEscape: String {
        let (letter, width) = value <= 0xFF ? ("x", 2) : value <= 0xFFFF ? ("u", 4) : ("U", 8)
        let digits = String(value, radix: 16)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }
}
