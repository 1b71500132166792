import HTTPTypes

/// Why a request for the administration of a cache was not carried out.
struct AdministrationProblem: Error {
    let status: HTTPResponse.Status
    let detail: String
    /// The methods that the resource has, where it has not the request's.
    let allowed: [HTTPRequest.Method]

    init(_ status: HTTPResponse.Status, _ detail: String, allowed: [HTTPRequest.Method] = []) {
        self.status = status
        self.detail = detail
        self.allowed = allowed
    }
}
