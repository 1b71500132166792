import HTTPTypes

/// A parsed path template: `/cities/{id}`, `/files/**`, `/images/{name}.jpg`.
///
/// Templates have the syntax of Hummingbird's `RouterPath`: `{name}` and `:name` capture a segment, `{name}.jpg` and
/// `photo-{name}` a part of one, `*`, `*.jpg` and `photo-*` match a segment without capturing it, and `**` matches any number of
/// segments. Empty segments are ignored in templates and paths, and nothing is percent-decoded.
package struct PathTemplate: Sendable {
    private enum Segment {
        case literal(Substring)
        /// A segment with a prefix and a suffix, and the name of the parameter between them, if any.
        case captured(prefix: Substring, suffix: Substring, name: Substring?)
        /// One or more segments.
        case anything
    }

    /// The name of the parameter in which Hummingbird's router stores the match of `**`.
    private static let catchAllName = ":**:"

    private let segments: [Segment]

    /// Parses a template. O(length of the text).
    package init(_ text: String) {
        segments = text.split(separator: "/").map(Self.segment)
    }

    /// Returns the parameters of a path that the router has matched with this template.
    ///
    /// If the path was changed after routing, it usually does not match, and the result is nil.
    ///
    /// - Parameter path: The path, without a query.
    /// - Returns: The parameters, or nil when the router cannot have matched the path.
    /// - Complexity: O(length of the path).
    package func parameters(of path: Substring) -> PathParameters? {
        let parts = path.split { $0.isSpelling(of: "/") }
        var named: [PathParameters.Parameter] = []
        var position = 0
        for (index, segment) in segments.enumerated() {
            guard position < parts.count else { return nil }
            guard case .anything = segment else {
                guard Self.matches(segment, parts[position], capturing: &named) else { return nil }
                position += 1
                continue
            }
            // It matches at least one segment, up to the first that matches the next part of the template.
            let start = position
            position += 1
            let next = index + 1 < segments.count ? segments[index + 1] : nil
            while position < parts.count, next.map({ !Self.matches($0, parts[position]) }) ?? true { position += 1 }
            // The router stores the first of several matches.
            if !named.contains(where: { $0.name == Self.catchAllName }) {
                let caught = path[parts[start].startIndex..<parts[position - 1].endIndex]
                named.append(.init(Self.catchAllName, .string(String(caught))))
            }
        }
        return position == parts.count ? PathParameters(named: named) : nil
    }

    private static func segment(_ text: Substring) -> Segment {
        if text.first == ":" { return .captured(prefix: "", suffix: "", name: text.dropFirst()) }
        if text == "**" { return .anything }
        if text.first == "{" {
            guard let close = text.firstIndex(of: "}") else { return .literal(text) }
            let name = text[text.index(after: text.startIndex)..<close]
            return .captured(prefix: "", suffix: text[text.index(after: close)...], name: name)
        }
        if text.last == "}" {
            guard let open = text.lastIndex(of: "{") else { return .literal(text) }
            return .captured(prefix: text[..<open], suffix: "", name: text[text.index(after: open)...].dropLast())
        }
        if text.first == "*" { return .captured(prefix: "", suffix: text.dropFirst(), name: nil) }
        if text.last == "*" { return .captured(prefix: text.dropLast(), suffix: "", name: nil) }
        return .literal(text)
    }

    private static func matches(_ segment: Segment, _ part: Substring) -> Bool {
        var unused: [PathParameters.Parameter] = []
        return matches(segment, part, capturing: &unused)
    }

    private static func matches(
        _ segment: Segment,
        _ part: Substring,
        capturing named: inout [PathParameters.Parameter]
    ) -> Bool {
        switch segment {
        case .literal(let text):
            return equal(part, text)
        case .anything:
            return true
        case .captured(let prefix, let suffix, let name):
            guard equal(part.prefix(prefix.count), prefix), equal(part.suffix(suffix.count), suffix) else {
                return false
            }
            if let name {
                let value = part.dropFirst(prefix.count).dropLast(suffix.count)
                named.append(.init(String(name), .string(String(value))))
            }
            return true
        }
    }

    /// Whether a router may treat both texts as equal. Routers may ignore case.
    private static func equal(_ part: Substring, _ text: Substring) -> Bool {
        part.isSpelling(of: text) || part.utf8.count <= 16 * text.utf8.count && part.lowercased() == text.lowercased()
    }
}

extension Exchange {
    /// Returns the path parameters, even in a pipeline in front of the router once the handler has run.
    ///
    /// In a pipeline around a whole application ``pathParameters`` is empty, because the path has not been routed yet. After routing,
    /// the matched template determines the parameters. They are not percent-decoded, like those that the router passes to handlers.
    ///
    /// - Returns: ``pathParameters`` if there are any, otherwise those of the matched template; none when no route matched, the handler
    ///   has not run, or the path was changed since.
    /// - Complexity: O(length of the path), on each call.
    package func pathParametersAfterRouting() -> PathParameters {
        guard pathParameters.isEmpty, let template = storage.frameworkRequest?.matchedTemplate ?? route.template else {
            return pathParameters
        }
        return PathTemplate(template).parameters(of: (request.path ?? "").targetPath) ?? pathParameters
    }
}
