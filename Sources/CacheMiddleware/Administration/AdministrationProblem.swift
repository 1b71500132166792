import HTTPTypes

/// The reason why a request to the administration of a cache failed.
struct AdministrationProblem: Error {
    let status: HTTPResponse.Status
    let detail: String
    /// The methods that the resource supports, if it does not support the request's.
    let allowed: [HTTPRequest.Method]

    init(_ status: HTTPResponse.Status, _ detail: String, allowed: [HTTPRequest.Method] = []) {
        self.status = status
        self.detail = detail
        self.allowed = allowed
    }
}
