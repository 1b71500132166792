import HTTPPipeline
import HTTPTypes
import KeyConstructor
public import Resources

extension Operations: DescribedRoutes {
    /// The descriptions of the routes, for an `OpenAPIDocument`.
    public var descriptions: RouteDescriptions {
        RouteDescriptions { components in
            OperationRoute.allTemplates.map { template in
                let routes = OperationRoute.allCases.filter { $0.template == template }
                let hasKey = template != OperationRoute.list.template
                var path = PathDescription(template, tag: "operations", parameters: hasKey ? [Self.key] : [])
                path.operations = routes.map { route in
                    (route.method, "operations-\(route.rawValue)", self.description(of: route, &components))
                }
                return path
            }
        }
    }

    private static let key: KeyValue = [
        "name": "id", "in": "path", "required": true, "description": "The identifier: `task_id`.",
        "schema": [
            "type": "string", "format": "uuid", "examples": ["0190163d-8694-739b-aea5-966c26f8ad91"],
        ],
    ]

    private func description(
        of route: OperationRoute, _ components: inout OpenAPIComponents
    ) -> OperationDescription {
        let stored: [OperationDescription.HeaderField] = [.cacheControl]
        var description: OperationDescription
        switch route {
        case .list:
            description = .init("List the own operations, latest first")
            let page = OperationSchemas.page(of: OperationSchemas.entry(&components))
            description.responses = [.init(200, "A page of operations.", [.init(page)], stored + [.next])]
            description.failures = [.unauthorized]
        case .status:
            description = .init("Read how far an operation is")
            description.text = """
                With `Accept: text/event-stream`, a stream of the events `progress` and, at last, `end`, whose data are statuses. A \
                client that sends Last-Event-ID gets the next event when something has changed.
                """
            var last = OperationDescription.Parameter(
                "Last-Event-ID", "The identifier of the last received event.", ["type": "string", "examples": ["7"]])
            last.isHeaderField = true
            description.parameters = [last]
            var errors = OperationDescription.HeaderField.bulkErrors
            errors.isRequired = false
            description.responses = [
                .init(
                    200, "The status, or the stream of statuses.",
                    [
                        .init(OperationSchemas.status(&components)),
                        .init("text/event-stream", ["type": "string"]),
                    ],
                    stored + [
                        .vary, errors, .retryAfter(isRequired: false),
                        .init(
                            HTTPField.Name("X-Accel-Buffering")!, "`no` for an event stream.", OperationSchemas.text,
                            isRequired: false),
                    ])
            ]
        case .cancel:
            description = .init("Cancel an operation")
            description.text = "What was written before stays."
            let status = OperationSchemas.status(&components)
            let body = components.reference(
                .schemas, "OperationCancelled",
                OperationSchemas.object([
                    .init("task_id", OperationSchemas.identifier), .init("cancelled", ["const": true]),
                    .init("message", OperationSchemas.text), .init("task", status),
                ]))
            description.responses = [
                .init(200, "The operation is cancelled.", [.init(body)], stored),
                .init(202, "The operation is being cancelled.", [.init(body)], stored),
            ]
            description.failures = [
                .init(.conflict, "The operation has ended.", detail: "Task was already in state: SUCCESS")
            ]
        case .results:
            description = .init("Read what happened with each item")
            let page = OperationSchemas.page(of: OperationSchemas.item(&components))
            description.text = """
                Files have all items. Those of CSV have the columns of the source, and for failed items `_line`, `_field` and `_error` \
                in front of them, so that a corrected file can be sent again.
                """
            description.responses = [
                .init(
                    200, "A page of items, or a file of all.",
                    [
                        .init(page), .init("application/jsonl", ["type": "string"]),
                        .init("text/csv", ["type": "string"]),
                    ], stored + [.vary, .next, .disposition])
            ]
            description.failures = [
                .init(
                    .notAcceptable,
                    "No offered format is acceptable. text/csv is offered for items that were sent as CSV.",
                    detail: """
                        None of the requested formats is offered. Offered are application/json (?format=json), \
                        application/jsonl (?format=jsonl)
                        """)
            ]
        }
        description.parameters += OperationRouteParameter.all(of: route).map(\.description)
        description.failures.insert(
            .invalid("A parameter is invalid.", detail: "The request is invalid."), at: 0)
        if route != .list { description.failures.append(.notFound) }
        description.failures += OperationDescription.Failure.database
        return description
    }
}
