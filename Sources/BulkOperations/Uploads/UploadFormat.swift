import HTTPSemantics

/// The format of an uploaded file.
enum UploadFormat: Sendable, Hashable {
    /// One JSON array, or one object.
    case json
    /// JSON Lines, also known as NDJSON.
    case jsonLines
    /// CSV (RFC 4180).
    case csv

    /// The media types of uploads.
    static let mediaTypes = [
        "application/json", "application/jsonl", "application/x-ndjson", "application/x-jsonlines",
        "application/jsonlines", "text/csv", "multipart/form-data",
    ]

    /// The format of a media type in lower case, or nil.
    init?(mediaType: String) {
        switch mediaType {
        case "application/json": self = .json
        case "application/jsonl", "application/x-ndjson", "application/x-jsonlines", "application/jsonlines":
            self = .jsonLines
        case "text/csv": self = .csv
        default: return nil
        }
    }

    /// The format by the extension of a file name, whose case does not matter, or nil.
    init?(fileName: String) {
        guard let dot = fileName.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let name = fileName.utf8[dot...]
        if name.equalsIgnoringCase(".csv") {
            self = .csv
        } else if name.equalsIgnoringCase(".json") {
            self = .json
        } else if name.equalsIgnoringCase(".jsonl") || name.equalsIgnoringCase(".ndjson") {
            self = .jsonLines
        } else {
            return nil
        }
    }
}

extension MediaTypeParameters {
    /// Whether the charset is UTF-8, one that UTF-8 includes, or not given.
    var isUTF8: Bool {
        guard let charset = self["charset"]?.utf8 else { return true }
        return charset.equalsIgnoringCase("utf-8") || charset.equalsIgnoringCase("utf8")
            || charset.equalsIgnoringCase("us-ascii")
    }
}
