//! Which operation a request is for.

use http::Method;
use percent_encoding::percent_decode_str;

/// The operations of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateKeypair,
    ListKeypairs,
    ListKeypairDetail,
    UpdateKeypairDescription,
    DeleteKeypair,
    ImportPrivateKey,
    ExportPrivateKey,
    ClearPrivateKey,
    BatchImportKeypair,
    BatchExportPrivateKey,
    AssociateKeypair,
    BatchAssociateKeypair,
    DisassociateKeypair,
    ListKeypairTask,
    ListRunningTask,
    ListFailedTask,
    DeleteFailedTask,
    DeleteAllFailedTask,
    /// None of this service's, but of that for cloud servers.
    ListServersDetails,
}

/// An operation, its official name, method and path.
type Row = (Operation, &'static str, Method, &'static str);

/// The paths of fixed words come before those with a name in their place.
pub(crate) const ROUTES: [Row; 18] = [
    (Operation::CreateKeypair, "CreateKeypair", Method::POST, "/v3/{project_id}/keypairs"),
    (Operation::ListKeypairs, "ListKeypairs", Method::GET, "/v3/{project_id}/keypairs"),
    (
        Operation::ImportPrivateKey,
        "ImportPrivateKey",
        Method::POST,
        "/v3/{project_id}/keypairs/private-key/import",
    ),
    (
        Operation::ExportPrivateKey,
        "ExportPrivateKey",
        Method::POST,
        "/v3/{project_id}/keypairs/private-key/export",
    ),
    (
        Operation::BatchExportPrivateKey,
        "BatchExportPrivateKey",
        Method::POST,
        "/v3/{project_id}/keypairs/private-key/batch-export",
    ),
    (
        Operation::BatchImportKeypair,
        "BatchImportKeypair",
        Method::POST,
        "/v3/{project_id}/keypairs/batch-import",
    ),
    (Operation::AssociateKeypair, "AssociateKeypair", Method::POST, "/v3/{project_id}/keypairs/associate"),
    (
        Operation::BatchAssociateKeypair,
        "BatchAssociateKeypair",
        Method::POST,
        "/v3/{project_id}/keypairs/batch-associate",
    ),
    (
        Operation::DisassociateKeypair,
        "DisassociateKeypair",
        Method::POST,
        "/v3/{project_id}/keypairs/disassociate",
    ),
    (
        Operation::ListKeypairDetail,
        "ListKeypairDetail",
        Method::GET,
        "/v3/{project_id}/keypairs/{keypair_name}",
    ),
    (
        Operation::UpdateKeypairDescription,
        "UpdateKeypairDescription",
        Method::PUT,
        "/v3/{project_id}/keypairs/{keypair_name}",
    ),
    (Operation::DeleteKeypair, "DeleteKeypair", Method::DELETE, "/v3/{project_id}/keypairs/{keypair_name}"),
    (
        Operation::ClearPrivateKey,
        "ClearPrivateKey",
        Method::DELETE,
        "/v3/{project_id}/keypairs/{keypair_name}/private-key",
    ),
    (Operation::ListKeypairTask, "ListKeypairTask", Method::GET, "/v3/{project_id}/tasks/{task_id}"),
    (Operation::ListRunningTask, "ListRunningTask", Method::GET, "/v3/{project_id}/running-tasks"),
    (Operation::ListFailedTask, "ListFailedTask", Method::GET, "/v3/{project_id}/failed-tasks"),
    (
        Operation::DeleteFailedTask,
        "DeleteFailedTask",
        Method::DELETE,
        "/v3/{project_id}/failed-tasks/{task_id}",
    ),
    (Operation::DeleteAllFailedTask, "DeleteAllFailedTask", Method::DELETE, "/v3/{project_id}/failed-tasks"),
];

/// What clients ask of the service for cloud servers (ECS), which tells of the servers what this one does not.
const BESIDE: [Row; 1] = [(
    Operation::ListServersDetails,
    "ListServersDetails",
    Method::GET,
    "/v1/{project_id}/cloudservers/detail",
)];

/// The official name of this text, if there is such an operation.
pub(crate) fn name(text: &str) -> Option<&'static str> {
    ROUTES.into_iter().chain(BESIDE).map(|(_, name, ..)| name).find(|name| *name == text)
}

/// What a request is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) operation: Operation,
    pub(crate) name: &'static str,
    pub(crate) project: String,
    /// The key pair's name or the task's id, where the path has one.
    pub(crate) resource: String,
}

/// The operation of this method and path.
pub(crate) fn find(method: &Method, path: &str) -> Option<Route> {
    let rows = ROUTES.iter().chain(&BESIDE);
    rows.filter(|(_, _, verb, _)| verb == method).find_map(|(operation, name, _, template)| {
        let (project, resource) = values(template, path)?;
        Some(Route { operation: *operation, name, project, resource })
    })
}

/// The project and the resource in a path, if it fits the template.
fn values(template: &str, path: &str) -> Option<(String, String)> {
    let (mut project, mut resource) = (String::new(), String::new());
    let mut segments = path.split('/');
    for word in template.split('/') {
        let segment = segments.next()?;
        let value = match word {
            "{project_id}" => &mut project,
            "{keypair_name}" | "{task_id}" => &mut resource,
            _ if word == segment => continue,
            _ => return None,
        };
        if segment.is_empty() {
            return None;
        }
        *value = percent_decode_str(segment).decode_utf8().ok()?.into_owned();
    }
    segments.next().is_none().then_some((project, resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_leads_to_its_own_operation() {
        for (operation, name, method, template) in ROUTES.into_iter().chain(BESIDE) {
            let path = template
                .replace("{project_id}", "p%20q")
                .replace("{keypair_name}", "n%2Fm")
                .replace("{task_id}", "n%2Fm");
            let resource = if template.matches('{').count() == 2 { "n/m" } else { "" };
            let expected = Route { operation, name, project: "p q".into(), resource: resource.into() };
            assert_eq!(find(&method, &path), Some(expected));
        }
    }

    #[test]
    fn anything_else_leads_nowhere() {
        for (method, path) in [
            (Method::GET, "/"),
            (Method::GET, "/v3/p"),
            (Method::GET, "/v3/p/keypairs/"),
            (Method::GET, "/v3//keypairs"),
            (Method::GET, "/v3/p/keypairs/a/b"),
            (Method::GET, "/v3/p/keypairs/%ff"),
            (Method::DELETE, "/v3/p/failed-tasks/"),
            (Method::DELETE, "/v3/p/keypairs"),
            (Method::DELETE, "/v3/p/running-tasks"),
            (Method::POST, "/v3/p/failed-tasks"),
            (Method::PATCH, "/v3/p/keypairs/a"),
            (Method::POST, "/v3/p/keypairs/private-key/import/"),
            (Method::GET, "/v2/p/keypairs"),
            (Method::GET, "/v3/p/cloudservers/detail"),
            (Method::POST, "/v1/p/cloudservers/detail"),
        ] {
            assert_eq!(find(&method, path), None, "{method} {path}");
        }
    }
}
