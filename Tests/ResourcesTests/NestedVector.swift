#if Hummingbird
import Foundation

/// A recorded case: registrations at a router of drf-extensions, the URLs of the router, and the responses to requests.
struct NestedVector: Decodable {
    var name: String
    var trailing_slash: Bool
    var registrations: [Registration]
    var urls: [URL]?
    var paths: [Path]?
    /// Why the case has no meaning here.
    var ours: Reason?

    struct Registration: Decodable {
        var model: String
        var prefix: String
        var parent: Int?
        var lookups: [String]?
        var attrs: Attributes?
    }

    struct Attributes: Decodable {
        var lookup_field: String?
    }

    struct Reason: Decodable {
        var rule: String
        var why: String
    }

    /// The methods of a route here, or nil without one, with the number of the rule and the reason.
    struct OurMethods: Decodable {
        var methods: [String]?
        var rule: String
        var why: String
    }

    struct URL: Decodable {
        var regex: String
        var actions: [String: String]?
        var ours: OurMethods?

        /// The methods of the route here.
        var methods: [String] { ours.map { $0.methods ?? [] } ?? actions.map { Array($0.keys) } ?? [] }

        /// The path template, with `{}` for each parameter.
        var template: String {
            var template = "/"
            var depth = 0
            var isInClass = false
            var last: Character?
            for character in regex.dropFirst() {
                let isEscaped = last == "\\"
                last = isEscaped ? nil : character
                switch character {
                case "[" where !isEscaped: isInClass = true
                case "]" where !isEscaped: isInClass = false
                case "(" where !isEscaped && !isInClass:
                    if depth == 0 { template += "{}" }
                    depth += 1
                    continue
                case ")" where !isEscaped && !isInClass:
                    depth -= 1
                    continue
                default: break
                }
                if depth == 0, character != "$" || isEscaped { template.append(character) }
            }
            return template
        }
    }

    struct Path: Decodable {
        var method: String
        var path: String
        var expected: Response?
        var ours: Ours?
        /// The response with `ResourceSettings.drf`, if it differs from the recorded one.
        var ours_drf: Ours?
    }

    struct Response: Decodable, Equatable {
        /// 404 for a path that no URL matches; nil for an exception.
        var status: Int?
        var ids: [Int]?
        var raises: String?
    }

    /// The response here, with the number of the rule and the reason.
    struct Ours: Decodable {
        var status: Int
        var ids: [Int]?
        var rule: String
        var why: String
        /// Whether `ResourceSettings.drf` restores the recorded response.
        var restored: Bool?
    }
}

extension NestedVector.Path {
    /// Returns the response that is expected here.
    func response(isDRF: Bool) -> NestedVector.Response {
        if isDRF, let ours_drf { return .init(status: ours_drf.status, ids: ours_drf.ids) }
        if let ours, !(isDRF && ours.restored == true) { return .init(status: ours.status, ids: ours.ids) }
        return expected ?? .init(status: 404)
    }
}
#endif
