//! Plugins as the dashboard sees them.

use freellmapi_types::{CredentialUse, PluginSource, PluginState, PluginView, ReachView};

use crate::admin::Admin;
use crate::admin::refusal::Refusal;
use crate::plugins::bundled::is_official;
use crate::plugins::manifest::Manifest;
use crate::plugins::plugin::{Plugin, Source};
use crate::plugins::registry::{Plugins, Report, Status};
use crate::store::PluginRow;

impl Admin {
    /// All versions, but those whose very bytes are there twice.
    pub(in crate::admin) async fn plugin_views(&self) -> Result<Vec<PluginView>, Refusal> {
        let rows = self.store().plugin_rows().await?;
        let plugins = self.api.registry.current();
        let mut views: Vec<PluginView> = plugins
            .reports
            .iter()
            .filter(|report| !is_twin(report, &plugins))
            .map(|report| view(report, &plugins, &rows))
            .collect();
        views.sort_by(|one, other| (&one.id, &one.file).cmp(&(&other.id, &other.file)));
        Ok(views)
    }

    /// The version with this hash, else the one of this id that matters most.
    pub(super) async fn plugin_view(&self, id: &str, sha256: &str) -> Result<PluginView, Refusal> {
        let mut views = self.plugin_views().await?;
        views.retain(|view| view.id == id || view.sha256 == sha256);
        views.sort_by_key(|view| {
            let matters = match view.state {
                PluginState::Active => 0,
                PluginState::NeedsConsent => 1,
                PluginState::Disabled => 2,
                PluginState::Broken => 3,
                PluginState::Shadowed => 4,
            };
            (view.sha256 != sha256, matters)
        });
        let first = views.into_iter().next();
        first.ok_or_else(|| Refusal::not_found("such plugin"))
    }
}

/// The same bytes in two places are one plugin to a person.
fn is_twin(report: &Report, plugins: &Plugins) -> bool {
    report.status == Status::Shadowed
        && plugins.reports.iter().any(|other| {
            matches!(other.status, Status::Serving | Status::Disabled)
                && other.sha256 == report.sha256
        })
}

fn view(report: &Report, plugins: &Plugins, rows: &[PluginRow]) -> PluginView {
    let id = report.id.as_deref().unwrap_or_default();
    let manifest = plugins.manifest(&report.sha256);
    let serving = plugins
        .get(id)
        .filter(|plugin| report.status == Status::Serving && plugin.sha256() == report.sha256);
    let granted = rows
        .iter()
        .find(|row| row.id == id && row.granted_sha256.as_deref() == Some(&report.sha256));
    let (state, asks, error) = match &report.status {
        Status::Serving => (PluginState::Active, &[][..], None),
        Status::NeedsConsent(wishes) => (PluginState::NeedsConsent, wishes.as_slice(), None),
        Status::Shadowed => (PluginState::Shadowed, &[][..], None),
        Status::Disabled => (PluginState::Disabled, &[][..], None),
        Status::Refused(why) => (PluginState::Broken, &[][..], Some(why.clone())),
    };
    let totals = serving.map(|plugin| plugin.totals());
    PluginView {
        id: id.to_owned(),
        title: report.title.clone(),
        version: report.version.clone(),
        sha256: report.sha256.clone(),
        source: match report.source {
            Source::Bundled => PluginSource::Bundled,
            Source::Installed => PluginSource::Installed,
            Source::Inbox => PluginSource::Inbox,
        },
        file: report.file.clone(),
        official: is_official(&report.sha256),
        state,
        error,
        reach: manifest.map(reach).unwrap_or_default(),
        credentials: manifest.map(credentials).unwrap_or_default(),
        class: manifest.map_or_else(String::new, |it| it.class().as_str().to_owned()),
        powers: manifest.map_or_else(Vec::new, |it| it.asks.powers.clone()),
        asks: asks.to_vec(),
        memory: manifest.map_or(0, |it| it.bounds.memory as u64),
        deadline_ms: manifest.map_or(0, |it| {
            u64::try_from(it.bounds.deadline.as_millis()).unwrap_or(u64::MAX)
        }),
        terms: manifest.map_or_else(String::new, |it| it.terms_note.clone()),
        models: manifest.map_or(0, |it| it.models.len()),
        granted_ms: granted.and_then(|row| row.granted_ms),
        strikes: serving.map_or(0, |plugin| plugin.strikes()),
        resting: serving.is_some_and(|plugin| plugin.resting()),
        last_fault: serving
            .and_then(|plugin| Plugin::last_fault(plugin))
            .map(|fault| fault.to_string()),
        calls: totals.map_or(0, |totals| totals.calls),
        cpu_us: totals.map_or(0, |totals| totals.cpu_us),
    }
}

fn reach(manifest: &Manifest) -> Vec<ReachView> {
    let reaches = manifest.asks.reaches.iter();
    reaches
        .map(|reach| ReachView {
            host: reach.host.clone(),
            methods: reach.methods.clone(),
            path: reach.path.clone(),
        })
        .collect()
}

fn credentials(manifest: &Manifest) -> Vec<CredentialUse> {
    let rules = manifest.asks.credentials.iter();
    rules
        .map(|rule| CredentialUse {
            name: rule.name.clone(),
            label: manifest
                .credentials
                .iter()
                .find(|field| field.name == rule.name)
                .map_or_else(String::new, |field| field.label.clone()),
            hosts: rule.hosts.clone(),
            placements: rule.placements.clone(),
        })
        .collect()
}
