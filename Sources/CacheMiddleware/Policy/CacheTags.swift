public import HTTPPipeline

/// The tags of a response, by which it can be purged together with others.
///
/// ```swift
/// CacheResponseMiddleware(.hours(1), in: store) {
///     $0.tags = ["cities", "city:{id}"]
///     $0.purgesTags = ["cities", "city:{id}"]
/// }
/// ```
///
/// `{id}` is replaced by the path parameter of that name, even if the pipeline runs before the router. A tag whose parameter a
/// route does not have is omitted for that route, and logged once. Other tags can be computed from the request and the response.
public struct CacheTags: Sendable, ExpressibleByArrayLiteral {
    /// A closure that computes the tags of a response.
    public typealias Computation = @Sendable (Exchange, Reply) -> [String]

    /// The maximum number of tags of one response. A response with more is not stored, because it could not be purged by all of
    /// them. A write may purge any number of tags.
    public static let maximumCount = 128

    /// The maximum size of a tag, in bytes.
    public static let maximumSize = 1024

    private enum Part {
        case text(Substring)
        case parameter(String)
    }

    private let templates: [[Part]]
    private let computation: Computation?

    private init(templates: [[Part]], computation: Computation?) {
        self.templates = templates
        self.computation = computation
    }

    /// Creates tags from templates, in which `{name}` is replaced by the path parameter of that name.
    public init(_ tags: [String]) {
        self.init(templates: tags.map(Self.parts), computation: nil)
    }

    /// Creates tags from templates, in which `{name}` is replaced by the path parameter of that name.
    public init(arrayLiteral tags: String...) {
        self.init(tags)
    }

    /// No tags.
    public static let none = CacheTags([])

    /// Returns tags that are computed for each response.
    public static func computed(_ computation: @escaping Computation) -> CacheTags {
        CacheTags(templates: [], computation: computation)
    }

    /// Returns these tags and tags that are computed for each response.
    public func adding(_ computation: @escaping Computation) -> CacheTags {
        let earlier = self.computation
        return CacheTags(templates: templates) { exchange, reply in
            (earlier?(exchange, reply) ?? []) + computation(exchange, reply)
        }
    }

    /// Returns these tags and others.
    public func adding(_ other: CacheTags) -> CacheTags {
        let tags = CacheTags(templates: templates + other.templates, computation: computation)
        return other.computation.map { tags.adding($0) } ?? tags
    }

    /// Whether no response has a tag.
    public var isEmpty: Bool { templates.isEmpty && computation == nil }

    /// Returns the tags of one response without duplicates.
    ///
    /// - Parameters:
    ///   - reply: The response.
    ///   - exchange: The request.
    ///   - omitted: Called with each template that is omitted because the route does not have its parameter.
    /// - Returns: The tags, or nil if there are too many or one is too long.
    func tags(of reply: Reply, to exchange: Exchange, omitted: (_ template: String) -> Void) -> [String]? {
        let tags = all(of: reply, to: exchange, omitted)
        guard tags.count <= Self.maximumCount, tags.allSatisfy({ $0.utf8.count <= Self.maximumSize }) else {
            return nil
        }
        return tags
    }

    /// Returns the tags to purge after one response, without duplicates. Their number is unlimited; tags that are too long for any
    /// entry are omitted.
    func purgedTags(of reply: Reply, to exchange: Exchange, omitted: (_ template: String) -> Void) -> [String] {
        all(of: reply, to: exchange, omitted).filter { $0.utf8.count <= Self.maximumSize }
    }

    private func all(of reply: Reply, to exchange: Exchange, _ omitted: (String) -> Void) -> [String] {
        guard !isEmpty else { return [] }
        var tags: [String] = []
        if !templates.isEmpty {
            let parameters = exchange.pathParametersAfterRouting()
            for template in templates {
                if let tag = Self.tag(template, parameters) {
                    tags.append(tag)
                } else {
                    omitted(Self.text(of: template))
                }
            }
        }
        tags += computation?(exchange, reply) ?? []
        var seen: Set<ByteText> = []
        return tags.filter { seen.insert(ByteText($0)).inserted }
    }

    private static func text(of template: [Part]) -> String {
        template.reduce(into: "") { text, part in
            switch part {
            case .text(let part): text += part
            case .parameter(let name): text += "{\(name)}"
            }
        }
    }

    private static func tag(_ template: [Part], _ parameters: PathParameters) -> String? {
        var tag = ""
        for part in template {
            switch part {
            case .text(let text): tag += text
            case .parameter(let name):
                switch parameters[name] {
                // `é` and `%C3%A9` name the same resource.
                case .string(let value): tag += value[...].percentDecoded
                case .integer(let value): tag += String(value)
                default: return nil
                }
            }
        }
        return tag
    }

    private static func parts(_ tag: String) -> [Part] {
        var parts: [Part] = []
        var rest = tag[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            if open > rest.startIndex { parts.append(.text(rest[..<open])) }
            parts.append(.parameter(String(rest[rest.index(after: open)..<close])))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(rest)) }
        return parts
    }
}
