import Foundation
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// A recorded request to a recorded view, and the constructor of its key.
struct BitVector {
    let name: String
    private let request: [String: Any]
    private let view: [String: Any]
    private let fields: [String: Any]

    init(_ fields: [String: Any]) {
        self.fields = fields
        name = fields["name"] as? String ?? ""
        request = fields["request"] as? [String: Any] ?? [:]
        view = fields["view"] as? [String: Any] ?? [:]
    }

    /// The expected JSON, and the key where that of drf-extensions is expected.
    var expected: (json: String?, key: String?, status: Int?) {
        if let ours = fields["ours"] as? [String: Any] {
            return (ours["json"] as? String, nil, ours["status"] as? Int)
        }
        let expected = fields["expected"] as? [String: Any] ?? [:]
        return (expected["json"] as? String, expected["key"] as? String, expected["status"] as? Int)
    }

    // MARK: The constructor

    /// The constructor, or nil when it has a kind of bit that this package does not have, or parameters that it rejects.
    func constructor() -> KeyConstructor? {
        var constructor = KeyConstructor()
        if let name = fields["constructor"] as? String {
            guard let named = Self.constructors[name] else { return nil }
            constructor = named
        }
        for description in fields["bits"] as? [[String: Any]] ?? [] {
            guard let name = description["name"] as? String, let bit = Self.bit(description) else { return nil }
            constructor[name] = bit as KeyConstructor.Bit?
        }
        // drf-extensions ignores unknown names; here they are an error.
        let overrides = (fields["constructor_params"] as? [String: Any] ?? [:]).filter {
            constructor.names.contains($0.key)
        }
        return constructor.overriding(overrides.mapValues(Self.parameters))
    }

    private static let constructors: [String: KeyConstructor] = [
        "DefaultKeyConstructor": .default,
        "DefaultObjectKeyConstructor": KeyConstructor.defaultObject.adding(["retrieve_sql_query": statement(.retrieve)]
        ),
        "DefaultListKeyConstructor": KeyConstructor.defaultList.adding(["list_sql_query": statement(.list)]),
        "DefaultAPIModelInstanceKeyConstructor": .defaultModelInstance,
        "DefaultAPIModelListKeyConstructor": .defaultModelList,
    ]

    private static func statement(_ subject: QueryDescriptionKeyBit.Subject) -> KeyConstructor.Bit {
        KeyConstructor.Bit(QueryDescriptionKeyBit(subject, style: .inlined))
    }

    private static func bit(_ description: [String: Any]) -> KeyConstructor.Bit? {
        let given = description["params"].map(parameters)
        switch description["kind"] as? String {
        case "UniqueViewId": return .uniqueViewID
        case "UniqueMethodId": return .uniqueMethodID
        case "Format": return .format
        case "Language": return .language
        case "User": return .user
        case "Headers":
            // drf-extensions finds no field for an invalid name; here such a name stops the program.
            if case .names(let names)? = given, !names.allSatisfy({ $0.utf8.allSatisfy { $0 < 0x80 } }) { return nil }
            return .headers(given ?? .nothing)
        case "RequestMeta": return .requestMeta(given ?? .nothing)
        case "QueryParams": return KeyConstructor.Bit(QueryParametersKeyBit(given ?? .all, decoding: .form))
        case "Args": return .arguments(given ?? .all)
        case "Kwargs": return .pathParameters(given ?? .all)
        case "Pagination": return .pagination
        case "ListSqlQuery": return statement(.list)
        case "RetrieveSqlQuery": return statement(.retrieve)
        case "ListModel": return .listModelValues
        case "RetrieveModel": return .retrieveModelValues
        default: return nil
        }
    }

    private static func parameters(_ value: Any) -> KeyParameters {
        switch value {
        case let text as String: text == "*" ? .all : .names(text.map(String.init))  // Python iterates characters.
        case let names as [String]: .names(names)
        case let indices as [Int]: .indices(indices)
        default: .nothing
        }
    }

    // MARK: The exchange

    /// The exchange with the values of the view's model and paginator.
    ///
    /// - Throws: `FormatNegotiation.NotAcceptable` when the view has no renderer for the request.
    func exchange() throws -> Exchange {
        let query = request["query_string"] as? String ?? ""
        let path = request["path"] as? String ?? "/"
        let method = view["method"] as? String ?? "get"
        var exchange = Exchange(
            request: HTTPRequest(
                method: HTTPRequest.Method(request["method"] as? String ?? "GET") ?? .get, scheme: "http",
                authority: "testserver", path: query.isEmpty ? path : "\(path)?\(query)", headerFields: headerFields
            ),
            route: Route(view: "\(view["module"] as? String ?? "").\(view["class"] as? String ?? "")", method: method),
            pathParameters: pathParameters,
            client: Exchange.Client(
                remoteAddress: try (request["remote_addr"] as? String).map {
                    try SocketAddress(ipAddress: $0, port: 0)
                },
                userID: request["authenticated"] as? Bool == false
                    ? nil : Self.value(request["user_id"]).flatMap(Self.text),
                language: request["language"] as? String)
        )
        exchange.format = try format(of: exchange)
        exchange[RequestMeta.self] = environment
        exchange[PaginationParameterNames.self] = paginationNames
        RecordedModel(view: view, query: exchange.queryParameters, pathParameters: pathParameters).describe(
            in: &exchange)
        return exchange
    }

    private var headerFields: HTTPFields {
        var fields = HTTPFields()
        for header in request["headers"] as? [[String]] ?? [] {
            guard let name = HTTPField.Name(header[0]) else { continue }
            fields.append(HTTPField(name: name, value: header[1]))
        }
        // Django's test client always sends one.
        if !fields.contains(.cookie) { fields.append(HTTPField(name: .cookie, value: "")) }
        return fields
    }

    private var pathParameters: PathParameters {
        PathParameters(
            positional: (view["args"] as? [Any] ?? []).map { Self.value($0) ?? .null },
            named: (view["kwargs"] as? [String: Any] ?? [:]).map { .init($0.key, Self.value($0.value) ?? .null) }
        )
    }

    /// The values that Django's test client adds to the recorded environment.
    private var environment: [String: KeyValue] {
        var entries = (request["meta"] as? [String: Any] ?? [:]).mapValues { Self.value($0) ?? .null }
        entries["SERVER_PROTOCOL"] = entries["SERVER_PROTOCOL"] ?? "HTTP/1.1"
        if !headerFields.contains(.contentType) {
            entries["CONTENT_TYPE"] = entries["CONTENT_TYPE"] ?? "application/json"
        }
        return entries
    }

    private var paginationNames: [String] {
        guard let pagination = view["pagination"] as? [String: Any] else { return [] }
        let defaults: [String: [(String, String?)]] = [
            "page": [("page_query_param", "page"), ("page_size_query_param", nil)],
            "limit_offset": [("limit_query_param", "limit"), ("offset_query_param", "offset")],
            "cursor": [("cursor_query_param", "cursor"), ("page_size_query_param", nil)],
        ]
        return (defaults[pagination["style"] as? String ?? ""] ?? []).compactMap { setting, standard in
            pagination[setting] as? String ?? standard
        }
    }

    private func format(of exchange: Exchange) throws -> String {
        let mediaTypes = [
            "json": "application/json", "api": "text/html", "xml": "application/xml", "csv": "text/csv",
            "html": "text/html",
        ]
        let offered = (view["renderers"] as? [String] ?? ["json"]).compactMap { name in
            mediaTypes[name].map { FormatNegotiation.Format(name: name, mediaType: $0) }
        }
        var parameters = exchange.queryParameters["format"]
        if case .string(let suffix)? = exchange.pathParameters["format"] { parameters = suffix }
        let accept = exchange.request.headerFields[.accept]
        return try FormatNegotiation(offered).format(accept: accept, query: parameters).name
    }

    // MARK: Values

    private static func text(_ value: KeyValue) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        default: nil
        }
    }

    /// A JSON value with its kind of number.
    private static func value(_ value: Any?) -> KeyValue? {
        switch value {
        case let number as NSNumber where String(cString: number.objCType) == "d": .double(number.doubleValue)
        case let number as NSNumber where ["c", "B"].contains(String(cString: number.objCType)): .bool(number.boolValue)
        case let number as NSNumber: .integer(number.intValue)
        case let text as String: .string(text)
        case let values as [Any]: .array(values.map { Self.value($0) ?? .null })
        case let members as [String: Any]: .object(members.map { .init($0.key, Self.value($0.value) ?? .null) })
        case is NSNull: .null
        default: nil
        }
    }
}
