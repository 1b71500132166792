package import HTTPPipeline
package import HTTPTypes
package import KeyConstructor

/// What clients must know about an operation whose handler belongs to another target of this package.
package struct OperationDescription: Sendable {
    /// A query parameter or a header field of a request.
    package struct Parameter: Sendable {
        package let name: String
        package let text: String
        package let schema: KeyValue
        /// Whether it is a header field.
        package var isHeaderField = false
        package var isRequired = false

        package init(_ name: String, _ text: String, _ schema: KeyValue) {
            (self.name, self.text, self.schema) = (name, text, schema)
        }
    }

    /// A body in one media type.
    package struct Content: Sendable {
        package let mediaType: String
        package let schema: KeyValue
        package var example: KeyValue?

        package init(_ mediaType: String, _ schema: KeyValue, example: KeyValue? = nil) {
            (self.mediaType, self.schema, self.example) = (mediaType, schema, example)
        }

        /// JSON.
        package init(_ schema: KeyValue, example: KeyValue? = nil) {
            self.init("application/json", schema, example: example)
        }
    }

    /// The body of a request.
    package struct Body: Sendable {
        package let contents: [Content]
        package let text: String
        /// The maximum number of bytes, the value of `x-max-bytes`.
        package let maximumByteCount: Int

        package init(_ contents: [Content], _ text: String, maximumByteCount: Int) {
            (self.contents, self.text, self.maximumByteCount) = (contents, text, maximumByteCount)
        }
    }

    /// A header field of a response.
    package struct HeaderField: Sendable {
        package let name: String
        package let text: String
        package let schema: KeyValue
        package var isRequired = true

        package init(_ name: HTTPField.Name, _ text: String, _ schema: KeyValue, isRequired: Bool = true) {
            (self.name, self.text, self.schema, self.isRequired) = (name.rawName, text, schema, isRequired)
        }
    }

    /// A response that is no refusal.
    package struct Response: Sendable {
        package let status: Int
        package let text: String
        package var contents: [Content] = []
        package var fields: [HeaderField] = []
        /// The operation that the member `task_id` is a parameter of, with the name of the parameter.
        package var links: KeyValue?

        package init(_ status: Int, _ text: String, _ contents: [Content] = [], _ fields: [HeaderField] = []) {
            (self.status, self.text, self.contents, self.fields) = (status, text, contents, fields)
        }
    }

    /// A refusal.
    package struct Failure: Sendable {
        package let status: HTTPResponse.Status
        package let text: String
        /// The `detail` of an example.
        package let detail: String
        /// Further members of the body.
        package var members: [KeyValue.Member] = []
        package var fields: [HeaderField] = []
        /// Whether the body can also be the problems of fields and parameters.
        package var hasFieldErrors = false
        /// Schemas of other bodies.
        package var others: [KeyValue] = []

        package init(_ status: HTTPResponse.Status, _ text: String, detail: String) {
            (self.status, self.text, self.detail) = (status, text, detail)
        }
    }

    /// What the operation does, in a few words.
    package var summary: String
    /// Further sentences.
    package var text = ""
    package var parameters: [Parameter] = []
    package var body: Body?
    package var responses: [Response] = []
    package var failures: [Failure] = []

    package init(_ summary: String) { self.summary = summary }
}

/// A place among the routes whose operations are described.
package struct OperationPlace: Sendable {
    package let resource: Resource
    /// The fields whose values the path has.
    package let boundFields: Set<String>
    /// The names of the resources above, and that of the resource.
    package let name: String
}

/// Returns the description of an operation at a place, and adds the parts that it refers to.
package typealias OperationDescriber =
    @Sendable (OperationPlace, inout OpenAPIComponents) -> OperationDescription

/// The description of a path that is not one of a resource.
package struct PathDescription: Sendable {
    /// The path template.
    package let template: String
    /// The group of the operations.
    package let tag: String
    /// The path parameters, in the form of OpenAPI.
    package var parameters: [KeyValue] = []
    /// The operations with their identifiers. That of GET is also the one of HEAD.
    package var operations: [(method: HTTPRequest.Method, id: String, description: OperationDescription)] = []

    package init(_ template: String, tag: String, parameters: [KeyValue] = []) {
        (self.template, self.tag, self.parameters) = (template, tag, parameters)
    }
}

extension OperationDescription.Failure {
    /// The failures of a database.
    package static let database: [Self] = {
        var unavailable = Self(
            ResourceError.databaseUnavailable.status, "The database cannot be reached, or is too busy.",
            detail: ResourceError.databaseUnavailable.detail)
        unavailable.fields = [
            .init(.retryAfter, "The seconds after which to ask again.", ["type": "integer", "minimum": 0])
        ]
        return [
            Self(
                ResourceError.databaseFailure.status, "The database failed.",
                detail: ResourceError.databaseFailure.detail),
            unavailable,
        ]
    }()
}
