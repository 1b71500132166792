import HTTPPipeline
package import KeyConstructor

/// The parts that operations refer to. Equal parts are written once.
package struct OpenAPIComponents {
    /// A group of parts.
    package enum Section: String {
        case schemas, parameters, headers, responses, securitySchemes
    }

    private var sections: [Section: [KeyValue.Member]] = [:]

    /// Adds a part, and returns a reference to it.
    ///
    /// - Parameters:
    ///   - section: The group of the part.
    ///   - name: Its name.
    ///   - place: The place of the resource among the routes, which distinguishes different parts with the same name.
    ///   - part: The part.
    /// - Returns: The reference.
    package mutating func reference(
        _ section: Section, _ name: String, at place: String = "", _ part: @autoclosure () -> KeyValue
    ) -> KeyValue {
        let part = part()
        // A slash separates the parts of a reference.
        let (name, place) = (name.replacing("/", with: "."), place.replacing("/", with: "."))
        var unique = name
        var number = 1
        while let known = sections[section]?.first(where: { $0.name == unique }) {
            if known.value == part { return Self.reference(section, unique) }
            unique = number == 1 && !place.isEmpty ? "\(place)-\(name)" : "\(place)-\(name)-\(number)"
            number += 1
        }
        sections[section, default: []].append(.init(unique, part))
        return Self.reference(section, unique)
    }

    private static func reference(_ section: Section, _ name: String) -> KeyValue {
        ["$ref": .string("#/components/\(section.rawValue)/\(name)")]
    }

    /// All parts.
    var object: KeyValue { .object(sections.map { .init($0.rawValue, .object($1)) }) }
}

// MARK: - Header fields

/// A field of responses.
enum OpenAPIHeader: String {
    case eTag = "ETag"
    case lastModified = "Last-Modified"
    case cacheControl = "Cache-Control"
    case cacheStatus = "Cache-Status"
    case age = "Age"
    case vary = "Vary"
    case contentLanguage = "Content-Language"
    case link = "Link"
    case location = "Location"
    case allow = "Allow"
    case authenticate = "WWW-Authenticate"
    case retryAfter = "Retry-After"

    /// An entity tag.
    static let exampleTag = "\"5d41402abc4b2a76b9719d911017c592\""

    /// The description of the field.
    var header: KeyValue {
        let string = KeyValue.object([.init("type", "string")])
        let tag: KeyValue = ["type": "string", "pattern": "^(W/)?\"[^\"]*\"$", "examples": [.string(Self.exampleTag)]]
        return switch self {
        case .eTag: ["description": "The entity tag of the representation.", "schema": tag]
        case .lastModified: ["description": "The time of the last write to the resource.", "schema": string]
        case .cacheControl: ["description": "How caches may use the response.", "schema": string]
        case .cacheStatus: ["description": "How the cache of the server took part (RFC 9211).", "schema": string]
        case .age:
            ["description": "The age of a cached response in seconds.", "schema": ["type": "integer", "minimum": 0]]
        case .vary:
            [
                "description": "The fields of requests that select the representation.", "schema": string,
                "required": true,
            ]
        case .contentLanguage: ["description": "The language of the rows.", "schema": string]
        case .link: ["description": "The next and the previous page (RFC 8288).", "schema": string]
        case .location:
            ["description": "The path of the created row.", "schema": ["type": "string", "format": "uri-reference"]]
        case .allow: ["description": "The methods of the path.", "schema": string, "required": true]
        case .authenticate: ["description": "The authentication scheme.", "schema": string, "required": true]
        case .retryAfter:
            [
                "description": "The seconds after which to ask again.",
                "schema": ["type": "integer", "minimum": 0], "required": true,
            ]
        }
    }
}

extension OpenAPIComponents {
    /// Returns references to the descriptions of header fields.
    mutating func headers(_ headers: [OpenAPIHeader]) -> KeyValue {
        .object(headers.map { .init($0.rawValue, reference(.headers, $0.rawValue, $0.header)) })
    }
}
